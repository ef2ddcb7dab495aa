// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace keymux {

/// What went wrong: a short code for programs and a sentence for people that names the thing and the remedy.
struct Error {
    std::string code;
    std::string message;

    bool operator==(const Error &) const = default;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> failure(std::string code, std::string message)
{
    return tl::unexpected<Error>(Error{std::move(code), std::move(message)});
}

} // namespace keymux
