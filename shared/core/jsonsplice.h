// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jsontext.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keymux {

/// Adds to a JSON document as an editor would: its comments, order and layout stay as they are. The nodes given must
/// come from reading this very text.
class JsonSplice {
public:
    explicit JsonSplice(std::string_view text);

    /// Adds entries behind those that a list or an object has; once for each container. An entry is an item, or
    /// `"name": value`; where it has several lines they are indented to fit.
    void append(const JsonText &container, const std::vector<std::string> &entries);
    /// Adds items in front of one that a list has; once for each item.
    void insertBefore(const JsonText &item, const std::vector<std::string> &entries);
    /// The text with all additions.
    std::string apply();

private:
    std::size_t offsetOf(const JsonText &node) const;
    std::string indentAt(std::size_t offset) const;
    void insert(std::size_t offset, std::string text);

    std::string_view m_text;
    std::vector<std::size_t> m_lines; ///< where each begins
    std::vector<std::pair<std::size_t, std::string>> m_insertions;
};

} // namespace keymux
