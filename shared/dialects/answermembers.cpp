// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/answermembers.h"

#include "dialects/jsonscan.h"

#include <algorithm>

namespace keymux {

namespace {

/// Calls back for each member of the object in `json`: the name without quotes and the text of the value. False when it
/// is not well-formed.
template <typename F>
bool forEachMember(std::string_view json, F &&use)
{
    if (!json.starts_with('{'))
        return false;
    JsonScanner scanner(json);
    const bool good = scanner.object([&](std::string_view name, ByteSpan, ByteSpan value) {
        use(name.substr(1, name.size() - 2), json.substr(value.begin, value.end - value.begin));
    });
    scanner.skipSpace();
    return good && scanner.atEnd();
}

std::int64_t count(std::string_view value)
{
    constexpr std::int64_t most = 1'000'000'000'000; // so that sums of what a provider says stay numbers
    std::int64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return std::clamp<std::int64_t>(number, 0, most);
}

std::int64_t nestedCount(std::string_view object, std::string_view wanted)
{
    std::int64_t number = 0;
    forEachMember(object, [&](std::string_view name, std::string_view value) {
        if (name == wanted)
            number = count(value);
    });
    return number;
}

void evenOut(TokenUsage &usage)
{
    if (usage.prompt == 0 && usage.completion == 0)
        usage.prompt = usage.total; // embeddings, of which some tell the total alone
    const std::int64_t untold = usage.total - usage.prompt - usage.completion;
    if (untold > 0) {
        usage.completion += untold;
        usage.reasoning = std::max(usage.reasoning, untold);
    }
    usage.total = usage.prompt + usage.completion;
    usage.cached = std::min(usage.cached, usage.prompt);
    usage.reasoning = std::min(usage.reasoning, usage.completion);
}

/// The object behind the colon that `text` begins with; empty when there is no whole one.
std::string_view objectBehind(std::string_view text)
{
    JsonScanner scanner(text);
    scanner.skipSpace();
    if (scanner.atEnd() || scanner.peek() != ':')
        return {};
    text = text.substr(scanner.position() + 1);
    text = text.substr(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
    JsonScanner value(text);
    const bool whole = text.starts_with('{') && value.object([](std::string_view, ByteSpan, ByteSpan) {});
    return whole ? text.substr(0, value.position()) : std::string_view();
}

} // namespace

std::optional<TokenUsage> readUsage(std::string_view json)
{
    TokenUsage usage;
    const bool good = forEachMember(json, [&](std::string_view name, std::string_view value) {
        if (name == "prompt_tokens")
            usage.prompt = count(value);
        else if (name == "completion_tokens")
            usage.completion = count(value);
        else if (name == "total_tokens")
            usage.total = count(value);
        else if (name == "prompt_tokens_details")
            usage.cached = std::max(usage.cached, nestedCount(value, "cached_tokens"));
        else if (name == "prompt_cache_hit_tokens" || name == "cached_tokens") // DeepSeek's and Moonshot's place
            usage.cached = std::max(usage.cached, count(value));
        else if (name == "completion_tokens_details")
            usage.reasoning = nestedCount(value, "reasoning_tokens");
    });
    if (!good)
        return std::nullopt;
    evenOut(usage);
    return usage.total > 0 ? std::optional(usage) : std::nullopt;
}

std::optional<TokenUsage> findUsage(std::string_view end)
{
    constexpr std::string_view name = "\"usage\""; // in a text of the answer there are backslashes before the quotes
    std::string_view before = end;
    for (;;) {
        const std::size_t at = before.rfind(name);
        if (at == std::string_view::npos)
            return std::nullopt;
        before = end.substr(0, at);
        if (const auto usage = readUsage(objectBehind(end.substr(at + name.size()))))
            return usage;
    }
}

AnswerMembers readAnswerMembers(std::string_view json, std::string_view content)
{
    AnswerMembers members;
    const std::size_t start = json.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos)
        return members;
    members.whole = forEachMember(json.substr(start), [&](std::string_view name, std::string_view value) {
        if (name == "error") {
            members.hasError = members.hasError || value != "null";
        } else if (name == content) {
            members.contentPresent = value.starts_with('[');
            members.contentEmpty = !members.contentPresent || value.find_first_not_of(" \t\r\n", 1) == value.size() - 1;
        } else if (name == "usage") {
            members.usagePresent = value.starts_with('{');
            if (auto usage = readUsage(value))
                members.usage = usage;
        } else if (name == "x_groq" && !members.usage) {
            forEachMember(value, [&](std::string_view inner, std::string_view text) {
                if (inner == "usage")
                    members.usage = readUsage(text);
            });
        }
    });
    return members;
}

} // namespace keymux
