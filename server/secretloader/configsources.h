// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "secrets/secretresolver.h"

#include <functional>
#include <memory>

namespace keymux {

/// Resolves what a pool config names: by the sources of this machine and by those its `secrets` sets up. `local` are
/// the sources of this machine, made once for the process.
std::shared_ptr<const SecretResolver> resolverFor(const SecretSources &secrets, const SecretSourceSet &local,
                                                  bool allowLiteralKeys);

/// Makes the sources of this machine, and gives what resolves by them.
std::function<std::shared_ptr<const SecretResolver>(const SecretSources &)> resolverMaker(const SecretContext &context);

} // namespace keymux
