// SPDX-License-Identifier: GPL-3.0-or-later
#include "secretloader/configsources.h"

#include "remotesecrets/remotesources.h"

namespace keymux {

std::shared_ptr<const SecretResolver> resolverFor(const SecretSources &secrets, const SecretSourceSet &local,
                                                  bool allowLiteralKeys)
{
    SecretSourceSet sources = local;
    if (!secrets.dir.empty())
        sources.secretDir = std::make_shared<FileSource>(local.files->pathOf(secrets.dir));
    addRemoteSources(sources, secrets, allowLiteralKeys);
    return std::make_shared<const SecretResolver>(std::move(sources), allowLiteralKeys);
}

std::function<std::shared_ptr<const SecretResolver>(const SecretSources &)> resolverMaker(const SecretContext &context)
{
    return [local = localSources(context), literal = context.allowLiteralKeys](const SecretSources &secrets) {
        return resolverFor(secrets, local, literal);
    };
}

} // namespace keymux
