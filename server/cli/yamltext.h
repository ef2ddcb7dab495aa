// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jsontext.h"
#include "core/result.h"

#include <string>

namespace keymux {

/// A YAML document as the values of JSON, with lines; anchors and `<<` are filled in. Bounded at 4 MiB, 64 levels and
/// 200,000 values, so that no document grows by its own references. Error `yaml_invalid` never repeats the text.
Result<JsonText> readYamlText(const std::string &text);

} // namespace keymux
