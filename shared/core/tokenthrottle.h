// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace keymux {

/// Counts wrong tokens by address, so that guessing is slow. Memory is bounded: at most `maxAddresses`, of each the
/// last `threshold` moments; when it is full the address that was quiet longest is forgotten.
class TokenThrottle {
public:
    static constexpr std::size_t threshold = 20;
    static constexpr std::size_t maxAddresses = 4096;
    static constexpr Millis window{60000};

    /// Notes a wrong token. How long to wait when it is at least the twentieth within a minute, else nothing.
    std::optional<Millis> wrong(std::string_view address, TimePoint now);

    std::size_t addresses() const { return m_byAddress.size(); }

private:
    void makeRoom(TimePoint now);

    std::unordered_map<std::string, std::deque<TimePoint>> m_byAddress;
};

} // namespace keymux
