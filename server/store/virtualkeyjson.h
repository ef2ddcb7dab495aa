// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/virtualkeyroom.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// What is wrong with one field of a document: where, and what would be right.
struct FieldProblem {
    std::string path;
    std::string message;

    bool operator==(const FieldProblem &) const = default;
};

/// Applies the fields of a document to a virtual key, as the admin API and the command line take them; null takes a
/// limit away. Returns all that is wrong with it, each unknown field included; the key is then not to be used.
std::vector<FieldProblem> readVirtualKeyFields(const nlohmann::ordered_json &document, VirtualKey &key, TimePoint now);

/// A virtual key as it is shown: never its text or its digest.
nlohmann::ordered_json virtualKeyJson(const VirtualKey &key, const VirtualKeyRoom::Usage &usage, TimePoint now);

/// A moment as people write it: RFC 3339 with a zone, or `90m`, `12h`, `30d`, `4w` from now.
std::optional<TimePoint> parseExpiry(const std::string &text, TimePoint now);
/// A length of time as people write it: `45s`, `90m`, `12h`, `30d`, `4w`; `0` is none.
std::optional<Millis> parseDuration(const std::string &text);

} // namespace keymux
