// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace keymux::testing {

/// True where the program runs in a session of its own with an unlocked keyring.
bool inKeyringSession();

/// Starts this program again on a session bus of its own with an unlocked gnome-keyring and a home that is removed
/// afterwards. Comes back only where that cannot be had, or where it runs so already.
void enterKeyringSession(const char *self);

} // namespace keymux::testing
