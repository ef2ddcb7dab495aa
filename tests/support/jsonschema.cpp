// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/jsonschema.h"

#include <algorithm>
#include <regex>
#include <set>

namespace keymux::testing {

namespace {

using Json = nlohmann::ordered_json;

bool hasType(const Json &value, const std::string &type)
{
    if (type == "object")
        return value.is_object();
    if (type == "array")
        return value.is_array();
    if (type == "string")
        return value.is_string();
    if (type == "integer")
        return value.is_number_integer();
    if (type == "number")
        return value.is_number();
    if (type == "boolean")
        return value.is_boolean();
    return type == "null" && value.is_null();
}

class Checker {
public:
    explicit Checker(const Json &document) : m_document(document) {}

    std::vector<std::string> problems;

    void check(const Json &schema, const Json &value, const std::string &at)
    {
        if (!schema.is_object()) {
            problem(at, "its schema is no object");
            return;
        }
        checkKeywords(schema, at);
        if (schema.contains("$ref"))
            checkReference(schema["$ref"].get<std::string>(), value, at);
        if (schema.contains("type"))
            checkType(schema["type"], value, at);
        if (schema.contains("enum") &&
            std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
            problem(at, value.dump() + " is none of " + schema["enum"].dump());
        if (schema.contains("oneOf"))
            checkOneOf(schema["oneOf"], value, at);
        if (schema.contains("format"))
            checkFormat(schema["format"], value, at);
        if (value.is_object())
            checkMembers(schema, value, at);
        if (value.is_array())
            checkItems(schema, value, at);
        if (value.is_number()) {
            if (schema.contains("minimum") && value.get<double>() < schema["minimum"].get<double>())
                problem(at, "it is too small");
            if (schema.contains("maximum") && value.get<double>() > schema["maximum"].get<double>())
                problem(at, "it is too large");
        }
    }

private:
    void problem(const std::string &at, const std::string &what) { problems.push_back(at + ": " + what); }

    void checkKeywords(const Json &schema, const std::string &at)
    {
        static const std::set<std::string> known{"$ref",        "type",    "enum",
                                                 "oneOf",       "format",  "properties",
                                                 "required",    "items",   "additionalProperties",
                                                 "maxItems",    "minimum", "maximum",
                                                 "description", "default"};
        for (const auto &[keyword, unused] : schema.items()) {
            if (!known.contains(keyword))
                problem(at, "its schema has the keyword " + keyword + ", which is not checked");
        }
    }

    void checkReference(const std::string &reference, const Json &value, const std::string &at)
    {
        const Json::json_pointer pointer(reference.substr(reference.find('#') + 1));
        if (!reference.starts_with("#/") || !m_document.contains(pointer))
            problem(at, reference + " names nothing");
        else
            check(m_document[pointer], value, at);
    }

    void checkType(const Json &type, const Json &value, const std::string &at)
    {
        const bool fits = type.is_string() ? hasType(value, type.get<std::string>())
                                           : std::any_of(type.begin(), type.end(), [&](const Json &one) {
                                                 return hasType(value, one.get<std::string>());
                                             });
        if (!fits)
            problem(at, value.dump().substr(0, 100) + " is no " + type.dump());
    }

    void checkOneOf(const Json &choices, const Json &value, const std::string &at)
    {
        int fitting = 0;
        std::string why;
        for (const Json &choice : choices) {
            Checker tried(m_document);
            tried.check(choice, value, at);
            fitting += tried.problems.empty() ? 1 : 0;
            if (!tried.problems.empty())
                why += " [" + tried.problems.front() + "]";
        }
        if (fitting != 1)
            problem(at, "it fits " + std::to_string(fitting) + " of the choices instead of one" + why);
    }

    void checkFormat(const Json &format, const Json &value, const std::string &at)
    {
        static const std::regex dateTime(
            R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d))");
        if (format != "date-time")
            problem(at, "the format " + format.dump() + " is not checked");
        else if (value.is_string() && !std::regex_match(value.get<std::string>(), dateTime))
            problem(at, value.dump() + " is no date-time");
    }

    void checkMembers(const Json &schema, const Json &value, const std::string &at)
    {
        static const Json none = Json::object();
        const Json &properties = schema.contains("properties") ? schema["properties"] : none;
        for (const Json &name : schema.value("required", Json::array())) {
            if (!value.contains(name.get<std::string>()))
                problem(at, "it lacks " + name.dump());
        }
        for (const auto &[name, member] : value.items()) {
            const std::string path = at + '/' + name;
            if (properties.contains(name))
                check(properties[name], member, path);
            else if (schema.contains("additionalProperties") && schema["additionalProperties"] == false)
                problem(path, "nothing of this name is described");
        }
    }

    void checkItems(const Json &schema, const Json &value, const std::string &at)
    {
        if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>())
            problem(at, "it has too many items");
        for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i)
            check(schema["items"], value[i], at + '/' + std::to_string(i));
    }

    const Json &m_document;
};

} // namespace

std::vector<std::string> schemaProblems(const Json &document, const Json &schema, const Json &value)
{
    Checker checker(document);
    checker.check(schema, value, "");
    return std::move(checker.problems);
}

} // namespace keymux::testing
