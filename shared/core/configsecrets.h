// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"

#include <string>
#include <string_view>

namespace keymux {

/// What stands in a shown document where a literal secret was.
inline constexpr std::string_view hiddenSecret = "***";

/// The document's text with every literal secret, also where a comment repeats it, replaced by `***`. References stay.
/// Text that is no JSON is given back empty, because nothing in it can be told apart.
std::string hideLiteralSecrets(std::string_view text);

/// Puts the literal secrets of `inForce` back where `text` has `***`, by provider and key_id. Error `hidden_secret`
/// names a place whose secret `inForce` does not have. Text that is no JSON is given back as it is.
Result<std::string> fillHiddenSecrets(std::string_view text, std::string_view inForce);

} // namespace keymux
