// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace keymux::gui {

using Json = nlohmann::ordered_json;

/// One difference between two documents. `path` is written as problems are: `providers.gemini.keys[key-1].rpm_limit`.
struct JsonChange {
    enum class Kind { Added, Removed, Changed, Moved };
    Kind kind = Kind::Changed;
    std::string path;
    Json before, after; ///< null where there is none

    bool operator==(const JsonChange &) const = default;
};

/// What turns one pool document into another. Items of a list are told apart by `key_id`, `model` or `match` where they
/// have one, so that an insertion is one change and not a change of all that follows.
std::vector<JsonChange> changesBetween(const Json &before, const Json &after);

/// Two people's changes of one document.
struct JsonMerge {
    Json document;
    std::vector<std::string> conflicts; ///< paths both changed, each in their own way; mine was taken
};

/// Takes my changes from `base` over to `theirs`.
JsonMerge merge(const Json &base, const Json &mine, const Json &theirs);

} // namespace keymux::gui
