// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace keymux {

/// Raises the soft limit of open files to the hard one: thousands of connections each hold one.
void raiseOpenFilesLimit();

/// No core dumps: key material must not reach a disk.
void forbidCoreDumps();

/// Writing to a peer that left must be an error code, not the end of the process.
void ignoreBrokenPipes();

} // namespace keymux
