// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace keymux {

/// Writes a file (0600) so that after a crash, a full disk or kill -9 it is there whole or as it was before: a new
/// file, fsync, rename, fsync of the folder. Root writes it for the folder's owner, so that a server that runs as
/// another user can read it. Error `state_unwritable`; then nothing has changed.
Result<void> writePrivateFile(const std::string &path, std::string_view content);

} // namespace keymux
