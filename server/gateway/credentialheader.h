// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"

#include <string_view>

namespace keymux {

/// What goes before the secret in the one header that carries it; empty where none is sent.
std::string_view credentialPrefix(AuthStyle style);

} // namespace keymux
