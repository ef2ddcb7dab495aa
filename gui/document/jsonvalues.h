// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/jsonchanges.h"

#include <QString>
#include <string>

namespace keymux::gui {

/// A value as a person reads it: texts and numbers as they are, lists with commas; of an object nothing.
QString textOf(const Json &value);
/// Null where `node` is null, no object, or has none of this name.
const Json *memberOfJson(const Json *node, const std::string &member);

} // namespace keymux::gui
