// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jsontext.h"

#include <string>

namespace keymux {

/// Plain JSON of a document, without comments and trailing commas; order and the way numbers are written are kept.
/// Indented by two spaces.
std::string printJson(const JsonText &value);
/// A JSON string with its quotes.
std::string jsonString(std::string_view text);

} // namespace keymux
