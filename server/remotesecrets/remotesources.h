// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "secrets/secretresolver.h"

namespace keymux {

/// Adds the sources beyond this machine that a config names to those of this machine, which their credentials are
/// looked up in. Makes no call.
void addRemoteSources(SecretSourceSet &sources, const SecretSources &options, bool allowLiteralKeys);

} // namespace keymux
