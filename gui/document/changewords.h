// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"

#include <QString>

namespace keymux::gui {

/// What changed from one config to another, as one line in the person's language.
QString changeInWords(const PoolConfig &before, const PoolConfig &after);

} // namespace keymux::gui
