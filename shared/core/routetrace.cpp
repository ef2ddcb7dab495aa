// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/routetrace.h"

namespace keymux {

std::string_view requestEndName(RequestEnd end)
{
    switch (end) {
    case RequestEnd::Answered:
        return "answered";
    case RequestEnd::Refused:
        return "refused";
    case RequestEnd::Cut:
        return "cut";
    case RequestEnd::ClientLeft:
        return "client_left";
    case RequestEnd::Withdrawn:
        return "withdrawn";
    }
    return "answered";
}

} // namespace keymux
