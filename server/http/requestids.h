// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace keymux {

/// Names requests: `req_` and 24 hexadecimal digits, unguessable in number but not secret. One per thread.
class RequestIds {
public:
    RequestIds();
    std::string next();

private:
    std::uint64_t m_state[2];
};

} // namespace keymux
