// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// A failed comparison shows the texts, not only that they differ.
template <>
inline char *QTest::toString(const std::string &text)
{
    return qstrdup(text.substr(0, 2000).c_str());
}

template <>
inline char *QTest::toString(const std::vector<std::string> &texts)
{
    std::string all;
    for (const std::string &text : texts)
        all += "\n    " + text;
    return qstrdup(all.c_str());
}

namespace keymux::testing {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

/// The value at a JSON pointer: a string as it is, anything else as JSON; `(absent)` when there is none.
inline std::string jsonAt(const std::string &document, const std::string &pointer)
{
    const Json json = Json::parse(document, nullptr, false);
    const Json::json_pointer at(pointer);
    if (json.is_discarded())
        return "(not JSON)";
    if (!json.contains(at))
        return "(absent)";
    return json[at].is_string() ? json[at].get<std::string>() : json[at].dump();
}

} // namespace keymux::testing
