// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configsecrets.h"

#include "core/jsonprint.h"
#include "core/jsontext.h"
#include "core/secretref.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace keymux {

namespace {

/// Fields whose value is a reference, wherever they stand.
constexpr std::array referenceFields{
    std::string_view("api_key"),       std::string_view("virtual_key_from"), std::string_view("admin_token_from"),
    std::string_view("metrics_token"), std::string_view("client_id"),        std::string_view("client_secret"),
    std::string_view("token"),         std::string_view("role_id"),          std::string_view("secret_id")};

struct Literal {
    std::string place; ///< the same in every document that has it
    std::string value;
    int line = 1, column = 1;
};

class Finder {
public:
    std::vector<Literal> found;

    void walk(const JsonText &node, const std::string &place)
    {
        for (const auto &member : node.members) {
            const JsonText &value = member.value;
            const bool reference =
                std::find(referenceFields.begin(), referenceFields.end(), member.name) != referenceFields.end();
            if (reference && value.kind == JsonText::Kind::String && !value.text.empty() && !parseSecretRef(value.text))
                found.push_back({place + '.' + member.name, value.text, value.line, value.column});
            walk(value, place + '.' + member.name);
        }
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            // Keys are known by their id, so that others may come and go before them.
            const JsonText *id = node.items[i].find("key_id");
            walk(node.items[i], place + '[' + (id ? id->text : std::to_string(i)) + ']');
        }
    }
};

std::vector<Literal> literalsIn(std::string_view text)
{
    const JsonReading json = readJsonText(text);
    Finder finder;
    if (json.value)
        finder.walk(*json.value, "");
    return std::move(finder.found);
}

/// Where lines and columns are bytes; both must ascend from call to call.
class Places {
public:
    explicit Places(std::string_view text) : m_text(text)
    {
        if (text.starts_with("\xef\xbb\xbf"))
            m_at = 3;
    }
    std::size_t offsetOf(int line, int column)
    {
        while (m_at < m_text.size() && (m_line < line || m_column < column)) {
            const auto byte = static_cast<unsigned char>(m_text[m_at++]);
            if (byte == '\n') {
                ++m_line;
                m_column = 1;
            } else if (m_at >= m_text.size() || (static_cast<unsigned char>(m_text[m_at]) & 0xc0) != 0x80) {
                ++m_column;
            }
        }
        return m_at;
    }

private:
    std::string_view m_text;
    std::size_t m_at = 0;
    int m_line = 1, m_column = 1;
};

std::size_t endOfString(std::string_view text, std::size_t begin)
{
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            return i + 1;
    }
    return text.size();
}

/// The text with the strings of these literals replaced; `others` are in document order.
std::string withValues(std::string_view text, const std::vector<Literal> &literals,
                       const std::vector<std::string> &values)
{
    std::string out;
    Places places(text);
    std::size_t copied = 0;
    for (std::size_t i = 0; i < literals.size(); ++i) {
        const std::size_t begin = places.offsetOf(literals[i].line, literals[i].column);
        out.append(text.substr(copied, begin - copied));
        out += jsonString(values[i]);
        copied = endOfString(text, begin);
    }
    return out.append(text.substr(copied));
}

} // namespace

std::string hideLiteralSecrets(std::string_view text)
{
    if (!readJsonText(text).value)
        return {};
    const std::vector<Literal> literals = literalsIn(text);
    std::string hidden =
        withValues(text, literals, std::vector<std::string>(literals.size(), std::string(hiddenSecret)));
    for (const Literal &literal : literals) {
        // A comment may repeat one; short ones would hit words that are none.
        for (std::size_t at = 0;
             literal.value.size() >= 8 && (at = hidden.find(literal.value, at)) != std::string::npos;)
            hidden.replace(at, literal.value.size(), hiddenSecret);
    }
    return hidden;
}

Result<std::string> fillHiddenSecrets(std::string_view text, std::string_view inForce)
{
    std::vector<Literal> literals = literalsIn(text);
    std::erase_if(literals, [](const Literal &literal) { return literal.value != hiddenSecret; });
    if (literals.empty())
        return std::string(text);
    std::map<std::string, std::string> known;
    for (Literal &literal : literalsIn(inForce))
        known[literal.place] = std::move(literal.value);
    std::vector<std::string> values;
    for (const Literal &literal : literals) {
        const auto value = known.find(literal.place);
        if (value == known.end())
            return failure("hidden_secret", literal.place.substr(1) +
                                                " is `***`, and the config in force has no secret there to keep; "
                                                "write a reference such as `env:NAME`");
        values.push_back(value->second);
    }
    return withValues(text, literals, values);
}

} // namespace keymux
