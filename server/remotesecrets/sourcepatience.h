// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/result.h"

#include <functional>
#include <mutex>
#include <optional>

namespace keymux {

/// Tells the time; given, so that tests have one of their own.
using Now = std::function<TimePoint()>;

/// A source that failed is left alone for a while, each time longer: five hundred keys must not each wait for a server
/// that is down, nor knock on one that asked for patience. Thread-safe.
class SourcePatience {
public:
    /// `longest`: the most a failure without a hint of the server's own is waited for.
    SourcePatience(Now now, Millis longest);

    /// The failure whose time is not over; then no call is to be made.
    std::optional<Error> inForce() const;
    /// A call failed; the server may have said how long to wait.
    void failed(const Error &error, std::optional<Millis> hint);
    void worked();

private:
    const Now m_now;
    const Millis m_longest;
    mutable std::mutex m_mutex;
    Millis m_next;
    TimePoint m_until{};
    Error m_error;
};

} // namespace keymux
