// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace keymux {

/// A provider whose name alone says where it is.
struct KnownProvider {
    std::string_view name, baseUrl;
};

/// All of them, the ones people ask for most first.
std::span<const KnownProvider> knownProviders();
/// Null when the name is not a known one.
const KnownProvider *knownProvider(std::string_view name);

} // namespace keymux
