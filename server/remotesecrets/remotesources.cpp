// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/remotesources.h"

#include "remotesecrets/infisicalsource.h"
#include "remotesecrets/vaultsource.h"

#include <chrono>

namespace keymux {

void addRemoteSources(SecretSourceSet &sources, const SecretSources &options, bool allowLiteralKeys)
{
    if (!options.infisical && !options.vault)
        return;
    // Only ever compared with itself: how long ago something was.
    const Now now = [] {
        return TimePoint(std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch()));
    };
    // A copy without sources beyond this machine, so that none waits for itself.
    const auto local = std::make_shared<const SecretResolver>(sources, allowLiteralKeys);
    const CredentialLookup lookup = [local](const std::string &reference) { return local->resolve(reference); };
    if (options.infisical)
        sources.infisical = std::make_shared<InfisicalSource>(*options.infisical, lookup, now);
    if (options.vault)
        sources.vault = std::make_shared<VaultSource>(*options.vault, lookup, now);
}

} // namespace keymux
