// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/jsontext.h"
#include "core/poolconfigjson.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keymux {

/// The candidate nearest to a misspelt name, when one is near enough to be meant.
std::optional<std::string> nearestName(std::string_view name, const std::vector<std::string> &candidates);

/// A name of a document as it may stand in a message: short, printable, and without what looks like a key.
std::string shownName(std::string_view name);

/// Collects what is wrong; of a document with very many problems the first thousand.
class ProblemList {
public:
    void add(int line, int column, std::string path, std::string message);
    void add(const JsonText &at, std::string path, std::string message);
    /// In document order.
    std::vector<Problem> take();

private:
    std::vector<Problem> m_problems;
    std::size_t m_more = 0; ///< found, but not kept
};

/// Reads one object of a config field by field: each says its type and range, and at the end whatever was not asked for
/// is unknown.
class ConfigFields {
public:
    /// Reports a value that is no object, or members named twice.
    ConfigFields(const JsonText &node, std::string path, ProblemList &problems);

    /// The member, when it is there and not null.
    const JsonText *get(std::string_view name);
    void string(std::string_view name, std::string &out);
    void boolean(std::string_view name, bool &out);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
    void integer(std::string_view name, std::int64_t min, std::int64_t max, int &out);
    void integer(std::string_view name, std::int64_t min, std::int64_t max, std::int64_t &out);
    std::optional<double> number(std::string_view name, double min);
    void millis(std::string_view name, std::int64_t min, Millis &out);
    void seconds(std::string_view name, Millis &out);
    void strings(std::string_view name, std::vector<std::string> &out);
    /// The same for a value at hand, whose member has this name.
    void strings(const JsonText &value, std::string_view name, std::vector<std::string> &out);
    /// An object of strings, in order.
    void stringMap(std::string_view name, std::vector<std::pair<std::string, std::string>> &out);
    /// One of the given words; its index, or nothing.
    std::optional<std::size_t> oneOf(std::string_view name, const std::vector<std::string> &words);

    std::string pathOf(std::string_view name) const;
    void problem(const JsonText &at, std::string_view name, std::string message);
    /// Reports the members nobody asked for, with a suggestion.
    void reportUnknown();

    const JsonText &node() const { return m_node; }

private:
    const JsonText *typed(std::string_view name, JsonText::Kind kind, std::string_view what);

    const JsonText &m_node;
    std::string m_path;
    ProblemList &m_problems;
    std::vector<std::string> m_known;
};

} // namespace keymux
