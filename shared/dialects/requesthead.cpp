// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/requesthead.h"

#include "dialects/jsonscan.h"

#include <algorithm>
#include <array>

namespace keymux {

namespace {

constexpr std::size_t maxModelBytes = 256;

/// Members whose meaning two parsers must agree on, so one named twice is refused.
constexpr std::array readMembers{std::string_view("model"), std::string_view("stream"),
                                 std::string_view("stream_options"), std::string_view("max_tokens"),
                                 std::string_view("max_completion_tokens")};

/// Members whose strings are what the model reads.
constexpr std::array textMembers{std::string_view("messages"), std::string_view("prompt"),
                                 std::string_view("input"),    std::string_view("instructions"),
                                 std::string_view("tools"),    std::string_view("system")};

template <std::size_t N>
bool isOneOf(const std::array<std::string_view, N> &names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

tl::unexpected<Error> badRequest(std::string message)
{
    return failure("invalid_request_error", std::move(message));
}

std::string_view textOf(std::string_view body, ByteSpan span)
{
    return body.substr(span.begin, span.end - span.begin);
}

/// Reads what the top-level members say that the gateway needs.
class HeadReader {
public:
    HeadReader(std::string_view body, RequestHead &head) : m_body(body), m_head(head) {}

    Result<void> read()
    {
        for (const RequestHead::Member &member : m_head.members) {
            if (auto done = readMember(member); !done)
                return done;
        }
        if (!m_head.model.empty())
            return {};
        return badRequest("`model` is missing: say which model you want, for instance \"model\": \"gpt-4\".");
    }

private:
    Result<void> readMember(const RequestHead::Member &member)
    {
        if (!isOneOf(readMembers, member.name))
            return {};
        if (std::find(m_seen.begin(), m_seen.end(), member.name) != m_seen.end())
            return badRequest("`" + member.name + "` is there twice; which one is meant?");
        m_seen.push_back(member.name);
        const std::string_view value = textOf(m_body, member.value);
        if (member.name == "model")
            return readModel(value);
        if (member.name == "stream")
            return readStream(value);
        if (member.name == "stream_options")
            return readStreamOptions(value);
        return readMaxTokens(member.name, value);
    }

    Result<void> readModel(std::string_view value)
    {
        if (!value.starts_with('"'))
            return badRequest("`model` must be a string.");
        m_head.model = unescapedJsonString(value);
        const bool printable = std::none_of(m_head.model.begin(), m_head.model.end(),
                                            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
        if (m_head.model.empty() || m_head.model.size() > maxModelBytes || !printable)
            return badRequest("`model` must be a name of 1 to 256 bytes without control characters.");
        return {};
    }

    Result<void> readStream(std::string_view value)
    {
        if (value != "true" && value != "false" && value != "null")
            return badRequest("`stream` must be true or false.");
        m_head.stream = value == "true";
        return {};
    }

    Result<void> readStreamOptions(std::string_view value)
    {
        if (value == "null")
            return {};
        if (!value.starts_with('{'))
            return badRequest("`stream_options` must be an object.");
        bool twice = false;
        JsonScanner scanner(value);
        scanner.object([&](std::string_view name, ByteSpan, ByteSpan member) {
            if (unescapedJsonString(name) != "include_usage")
                return;
            twice = twice || m_head.includeUsage.has_value();
            m_head.includeUsage = textOf(value, member) == "true";
        });
        if (twice)
            return badRequest("`stream_options.include_usage` is there twice; which one is meant?");
        return {};
    }

    Result<void> readMaxTokens(const std::string &name, std::string_view value)
    {
        std::int64_t tokens = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), tokens);
        // What is no whole number is for the provider to refuse.
        if (error != std::errc{} || end != value.data() + value.size() || tokens < 0)
            return {};
        if (name == "max_completion_tokens" || !m_head.maxTokens)
            m_head.maxTokens = tokens;
        return {};
    }

    std::string_view m_body;
    RequestHead &m_head;
    std::vector<std::string> m_seen;
};

} // namespace

std::int64_t RequestHead::estimatedTokens() const
{
    return inputTokens() + maxTokens.value_or(0);
}

std::int64_t RequestHead::inputTokens() const
{
    return (textBytes + 3) / 4;
}

Result<RequestHead> readRequestHead(std::string_view body)
{
    RequestHead head;
    JsonScanner scanner(body);
    scanner.skipSpace();
    if (scanner.atEnd())
        return failure("invalid_json", "The body is empty; it must be a JSON object.");
    if (scanner.peek() != '{')
        return scanner.wholeValue() ? tl::unexpected(badRequest("The body must be a JSON object."))
                                    : failure("invalid_json", "The body is not JSON: " + scanner.problem() + ".");
    head.object.begin = scanner.position();
    const bool whole = scanner.object(
        [&](std::string_view name, ByteSpan nameSpan, ByteSpan value) {
            head.members.push_back({unescapedJsonString(name), nameSpan, value});
        },
        [&](std::string_view name) {
            return isOneOf(textMembers, name.substr(1, name.size() - 2)) ? &head.textBytes : nullptr;
        });
    head.object.end = scanner.position();
    scanner.skipSpace();
    if (!whole || !scanner.atEnd()) {
        const std::string what =
            whole ? "there is more text after the object, at byte " + std::to_string(scanner.position())
                  : scanner.problem();
        return failure("invalid_json", "The body is not JSON: " + what + ".");
    }
    if (auto read = HeadReader(body, head).read(); !read)
        return tl::unexpected(read.error());
    return head;
}

} // namespace keymux
