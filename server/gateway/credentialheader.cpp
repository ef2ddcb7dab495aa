// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/credentialheader.h"

namespace keymux {

std::string_view credentialPrefix(AuthStyle style)
{
    switch (style) {
    case AuthStyle::Bearer:
        return "Authorization: Bearer ";
    case AuthStyle::GoogleApiKey:
        return "x-goog-api-key: ";
    case AuthStyle::XApiKey:
        return "x-api-key: ";
    case AuthStyle::ApiKey:
        return "api-key: ";
    case AuthStyle::None:
        break;
    }
    return {};
}

} // namespace keymux
