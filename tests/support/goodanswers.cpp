// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/goodanswers.h"

#include <nlohmann/json.hpp>

namespace keymux::testing {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::int64_t created = 1795000000;

std::int64_t promptTokens(const UpstreamCall &call)
{
    return std::int64_t(call.body.size() / 4) + 1;
}

Json usageOf(const UpstreamCall &call, std::int64_t completion)
{
    const std::int64_t prompt = promptTokens(call);
    return {{"prompt_tokens", prompt}, {"completion_tokens", completion}, {"total_tokens", prompt + completion}};
}

Json embeddings(const UpstreamCall &call, std::size_t inputs)
{
    Json data = Json::array();
    for (std::size_t i = 0; i < inputs; ++i)
        data.push_back({{"object", "embedding"}, {"index", i}, {"embedding", {0.25, -0.5, 0.125}}});
    return {{"object", "list"},
            {"data", data},
            {"model", call.model},
            {"usage", {{"prompt_tokens", promptTokens(call)}, {"total_tokens", promptTokens(call)}}}};
}

} // namespace

GoodRequest GoodRequest::read(const std::string &body)
{
    GoodRequest request;
    const Json json = Json::parse(body, nullptr, false);
    if (!json.is_object())
        return request;
    for (const auto &[name, value] : json.items())
        request.fields.push_back(name);
    if (json.contains("model") && json["model"].is_string())
        request.model = json["model"].get<std::string>();
    request.stream = json.contains("stream") && json["stream"] == true;
    request.includeUsage = json.contains("stream_options") && json["stream_options"].is_object() &&
                           json["stream_options"].value("include_usage", false);
    if (json.contains("input") && json["input"].is_array())
        request.inputs = json["input"].size();
    return request;
}

std::string goodAnswer(const UpstreamCall &call, std::size_t inputs)
{
    if (call.method == "GET")
        return R"({"object":"list","data":[{"id":"models/gemini-2.0-flash","object":"model","owned_by":"google"}]})";
    if (call.path.ends_with("/embeddings"))
        return embeddings(call, inputs).dump();
    if (call.path.ends_with("/chat/completions"))
        return Json{
            {"id", "chatcmpl-1"},
            {"object", "chat.completion"},
            {"created", created},
            {"model", call.model},
            {"choices", Json::array({Json{{"index", 0},
                                          {"message", {{"role", "assistant"}, {"content", "Hello from " + call.model}}},
                                          {"finish_reason", "stop"}}})},
            {"usage", usageOf(call, 5)}}
            .dump();
    return Json{
        {"id", "cmpl-1"},
        {"object", "text_completion"},
        {"created", created},
        {"model", call.model},
        {"choices",
         Json::array({Json{
             {"text", "Hello from " + call.model}, {"index", 0}, {"logprobs", nullptr}, {"finish_reason", "stop"}}})},
        {"usage", usageOf(call, 5)}}
        .dump();
}

std::vector<std::string> goodStream(const UpstreamCall &call, int chunks, const std::string &text, bool usage)
{
    const bool chat = call.path.ends_with("/chat/completions");
    const auto event = [&](const Json &choices, const Json *use) {
        Json chunk{{"id", "chatcmpl-1"},
                   {"object", chat ? "chat.completion.chunk" : "text_completion"},
                   {"created", created},
                   {"model", call.model},
                   {"choices", choices}};
        if (use != nullptr)
            chunk["usage"] = *use;
        return "data: " + chunk.dump() + "\n\n";
    };
    const auto choice = [&](Json delta, const Json &finish) {
        Json one{{"index", 0}};
        if (chat)
            one["delta"] = std::move(delta);
        else
            one["text"] = delta.value("content", "");
        one["finish_reason"] = finish;
        return Json::array({one});
    };
    std::vector<std::string> events{event(choice({{"role", "assistant"}, {"content", ""}}, nullptr), nullptr)};
    for (int i = 0; i < chunks; ++i)
        events.push_back(event(choice({{"content", text}}, nullptr), nullptr));
    events.push_back(event(choice(Json::object(), "stop"), nullptr));
    if (usage) {
        const Json figures = usageOf(call, chunks);
        events.push_back(event(Json::array(), &figures));
    }
    events.push_back("data: [DONE]\n\n");
    return events;
}

} // namespace keymux::testing
