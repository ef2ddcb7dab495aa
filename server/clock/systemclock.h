// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

namespace keymux {

/// The one place where the server reads a clock for routing. UTC at start plus the time the machine has been up since
/// (suspend included), so it never runs backwards when the wall clock is set; a step of the wall clock while running is
/// taken over at the next start.
class SystemClock {
public:
    SystemClock();
    TimePoint now() const;

private:
    Millis m_offset; ///< UTC minus time since boot, read at construction
};

} // namespace keymux
