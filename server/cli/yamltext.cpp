// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/yamltext.h"

#include <algorithm>
#include <array>
#include <yaml-cpp/yaml.h>

namespace keymux {

namespace {

constexpr std::size_t maxSize = 4 << 20;
constexpr int maxDepth = 64, maxValues = 200'000;

bool isNumber(const std::string &text)
{
    const JsonReading reading = readJsonText(text);
    return reading.value && reading.value->kind == JsonText::Kind::Number;
}

class Converter {
public:
    bool convert(const YAML::Node &node, JsonText &out, int depth)
    {
        if (++m_values > maxValues || depth > maxDepth)
            return false;
        out.line = node.Mark().line + 1;
        out.column = node.Mark().column + 1;
        if (node.IsMap())
            return convertMap(node, out, depth);
        if (node.IsSequence()) {
            out.kind = JsonText::Kind::Array;
            return std::all_of(node.begin(), node.end(),
                               [&](const auto &item) { return convert(item, out.items.emplace_back(), depth + 1); });
        }
        if (node.IsScalar())
            scalar(node, out);
        return true;
    }

private:
    bool convertMap(const YAML::Node &node, JsonText &out, int depth)
    {
        out.kind = JsonText::Kind::Object;
        std::vector<JsonText> merged;
        for (const auto &entry : node) {
            if (!entry.first.IsScalar())
                continue; // nothing that is looked for has such a name
            JsonText::Member member;
            member.name = entry.first.Scalar();
            member.line = entry.first.Mark().line + 1;
            member.column = entry.first.Mark().column + 1;
            if (!convert(entry.second, member.value, depth + 1))
                return false;
            if (member.name == "<<")
                merged.push_back(std::move(member.value));
            else
                out.members.push_back(std::move(member));
        }
        for (JsonText &source : merged)
            merge(std::move(source), out);
        return true;
    }

    /// What a map says itself comes before what it merges.
    static void merge(JsonText source, JsonText &out)
    {
        for (JsonText::Member &member : source.members) {
            if (!out.find(member.name))
                out.members.push_back(std::move(member));
        }
        for (JsonText &item : source.items)
            merge(std::move(item), out);
    }

    static void scalar(const YAML::Node &node, JsonText &out)
    {
        const std::string &text = node.Scalar();
        constexpr std::array yes{"true", "True", "TRUE", "yes", "on"}, no{"false", "False", "FALSE", "no", "off"};
        const bool plain = node.Tag() == "?";
        const auto is = [&](const auto &words) {
            return plain && std::find(words.begin(), words.end(), text) != words.end();
        };
        if (is(yes) || is(no)) {
            out.kind = JsonText::Kind::Bool;
            out.boolean = is(yes);
        } else {
            out.kind = plain && isNumber(text) ? JsonText::Kind::Number : JsonText::Kind::String;
            out.text = text;
        }
    }

    int m_values = 0;
};

} // namespace

Result<JsonText> readYamlText(const std::string &text)
{
    if (text.size() > maxSize)
        return failure("yaml_invalid", "the document is larger than 4 MiB");
    try {
        const YAML::Node root = YAML::Load(text);
        JsonText out;
        if (!Converter().convert(root, out, 0))
            return failure("yaml_invalid", "the document has more than 200,000 values or 64 levels, its references "
                                           "filled in");
        return out;
    } catch (const YAML::ParserException &error) {
        // Its message quotes names of anchors at most, but what it says of the place is enough.
        return failure("yaml_invalid", "this is no YAML: line " + std::to_string(error.mark.line + 1) + ", column " +
                                           std::to_string(error.mark.column + 1));
    } catch (const YAML::Exception &) {
        return failure("yaml_invalid", "this is no YAML");
    }
}

} // namespace keymux
