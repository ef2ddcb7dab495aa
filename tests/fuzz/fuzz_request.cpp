// SPDX-License-Identifier: GPL-3.0-or-later
// Any request body: taken exactly when it is JSON, and an edit of it is JSON that says what the edit says.
#include "dialects/jsonscan.h"
#include "dialects/requesthead.h"
#include "fuzz.h"

#include <nlohmann/json.hpp>

using namespace keymux;
using fuzz::must;
using Json = nlohmann::json;

namespace {

/// Another parser has another mind about half surrogate pairs and numbers beyond a double, takes a NUL for the end, and
/// knows no bound of nesting.
bool isComparable(std::string_view text)
{
    for (const std::string_view odd : {std::string_view("\0", 1), std::string_view("\\ud"), std::string_view("\\uD")}) {
        if (text.find(odd) != text.npos)
            return false;
    }
    for (std::size_t at = text.find_first_of("eE"); at != text.npos; at = text.find_first_of("eE", at + 1)) {
        if (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9')
            return false;
    }
    return text.size() < 300;
}

void checkEdit(std::string_view body, const RequestHead &head, unsigned choice)
{
    BodyEdit edit{.model = (choice & 1) != 0 ? "other/\"model\"" : head.model, .askForUsage = (choice & 2) != 0};
    if ((choice & 4) != 0)
        edit.drop = {"seed", "user", head.members.front().name};
    if ((choice & 8) != 0)
        edit.rename = {{"max_tokens", "max_completion_tokens_2"}, {head.members.back().name, "a\"b"}};
    const SplicedBody spliced = splice(body, head, edit);
    const std::string text = spliced.toString();
    must(spliced.size() == text.size(), "a body knows its size");
    must(JsonScanner(text).wholeValue(), "an edited body is JSON");
    if (!isComparable(text))
        return;
    const Json result = Json::parse(text, nullptr, false);
    must(result.is_object(), "an edited body is an object");
    if (edit.drop.empty() && edit.rename.empty())
        must(result["model"].get<std::string>() == edit.model, "the edited body names the model");
    if (choice == 0)
        must(text == body, "an edit of nothing changes nothing");
    for (const std::string &name : edit.drop)
        must(!result.contains(name), "what is dropped is gone");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const unsigned choice = input.byte() & 15;
    const std::string_view body = input.text();
    const auto head = readRequestHead(body);
    if (isComparable(body))
        must(Json::accept(body) == (head || head.error().code != "invalid_json"), "JSON is JSON");
    if (!head) {
        must(head.error().message.size() < 500, "a refusal is short");
        return 0;
    }
    must(head->textBytes >= 0 && head->estimatedTokens() >= 0, "an estimate is no less than nothing");
    for (const RequestHead::Member &member : head->members)
        must(quotedJsonString(member.name).size() >= 2 && member.value.begin < member.value.end, "members have places");
    checkEdit(body, *head, choice);
    return 0;
}
