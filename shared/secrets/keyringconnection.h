// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace keymux {

/// Lets go of the connection to the desktop's keyring, so that the next call makes a new one. libsecret keeps one for
/// the process and, when the keyring was started anew under it, finds nothing through it any more. On the thread that
/// asks the keyring; does nothing where libsecret is not what is asked.
void dropKeyringConnection();

} // namespace keymux
