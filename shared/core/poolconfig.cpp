// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/poolconfig.h"

namespace keymux {

std::string_view endpointName(Endpoint endpoint)
{
    switch (endpoint) {
    case Endpoint::Chat:
        return "chat";
    case Endpoint::Completions:
        return "completions";
    case Endpoint::Embeddings:
        return "embeddings";
    }
    return "chat";
}

} // namespace keymux
