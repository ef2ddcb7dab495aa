// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/modellist.h"

#include <nlohmann/json.hpp>

namespace keymux {

namespace {

constexpr std::size_t maxNames = 20000, maxNameBytes = 256, maxDepth = 64;

/// Keeps the `id` of each member of the list and builds nothing else.
class ListReader : public nlohmann::json_sax<nlohmann::json> {
public:
    std::vector<std::string> names;
    bool sawList = false;

    bool null() override { return value(); }
    bool boolean(bool) override { return value(); }
    bool number_integer(number_integer_t) override { return value(); }
    bool number_unsigned(number_unsigned_t) override { return value(); }
    bool number_float(number_float_t, const string_t &) override { return value(); }
    bool binary(binary_t &) override { return value(); }
    bool string(string_t &text) override
    {
        if (m_listDepth != 0 && m_depth == m_listDepth + 1 && m_key == "id" && names.size() < maxNames) {
            const std::size_t from = text.starts_with("models/") ? 7 : 0;
            names.push_back(text.substr(from, maxNameBytes));
        }
        return value();
    }
    bool start_object(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool key(string_t &text) override
    {
        m_key = text.size() <= 8 ? text : std::string();
        return true;
    }
    bool start_array(std::size_t) override
    {
        const bool isList = m_listDepth == 0 && (m_depth == 0 || (m_depth == 1 && m_key == "data"));
        if (!enter())
            return false;
        if (isList) {
            sawList = true;
            m_listDepth = m_depth;
        }
        return true;
    }
    bool end_array() override
    {
        if (m_depth == m_listDepth)
            m_listDepth = 0;
        return leave();
    }
    bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &) override { return false; }

private:
    bool value()
    {
        m_key.clear();
        return true;
    }
    bool enter()
    {
        m_key.clear();
        return ++m_depth <= maxDepth;
    }
    bool leave()
    {
        --m_depth;
        return true;
    }

    std::size_t m_depth = 0;
    std::size_t m_listDepth = 0; ///< 0: not inside the list
    std::string m_key;
};

} // namespace

std::optional<std::vector<std::string>> readModelList(std::string_view json)
{
    ListReader reader;
    if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader) || !reader.sawList)
        return std::nullopt;
    return std::move(reader.names);
}

} // namespace keymux
