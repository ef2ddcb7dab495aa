// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace keymux::testing {

/// Whether this program, and so the ones it starts, look for faults at the price of memory and time.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

} // namespace keymux::testing
