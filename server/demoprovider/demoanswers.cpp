// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demoanswers.h"

#include <QByteArray>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

/// What the answer says, in pieces as a stream would bring them.
struct Reply {
    std::vector<std::string> words;
    Json toolCalls; ///< null when there are none
    std::string finish = "stop";

    std::string text() const
    {
        std::string all;
        for (const std::string &word : words)
            all += word;
        return all;
    }
};

std::vector<std::string> splitWords(const std::string &text)
{
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size() - 1);
        words.push_back(text.substr(at, end + 1 - at));
        at = end + 1;
    }
    return words;
}

/// The smallest value a JSON Schema allows that still looks like something.
Json exampleOf(const Json &schema, int depth = 0)
{
    if (!schema.is_object() || depth > 8)
        return Json::object();
    if (schema.contains("enum") && schema["enum"].is_array() && !schema["enum"].empty())
        return schema["enum"][0];
    const std::string type = schema.contains("type") && schema["type"].is_string() ? schema["type"] : "object";
    if (type == "string")
        return "demo";
    if (type == "integer" || type == "number")
        return 1;
    if (type == "boolean")
        return true;
    if (type == "array")
        return Json::array();
    if (type == "null")
        return nullptr;
    Json object = Json::object();
    if (!schema.contains("required") || !schema["required"].is_array())
        return object;
    for (const Json &name : schema["required"])
        if (name.is_string())
            object[name.get<std::string>()] =
                exampleOf(schema.contains("properties") && schema["properties"].contains(name.get<std::string>())
                              ? schema["properties"][name.get<std::string>()]
                              : Json{{"type", "string"}},
                          depth + 1);
    return object;
}

/// The function the caller insists on, or null. `auto` answers in words: the demo has no judgement of its own.
Json wantedFunction(const Json &body)
{
    if (!body.contains("tools") || !body["tools"].is_array() || !body.contains("tool_choice"))
        return nullptr;
    const Json &choice = body["tool_choice"];
    std::string name;
    if (choice.is_object() && choice.contains("function") && choice["function"].is_object())
        name = choice["function"].value("name", "");
    else if (choice != "required")
        return nullptr;
    for (const Json &tool : body["tools"]) {
        if (!tool.is_object() || !tool.contains("function") || !tool["function"].is_object())
            continue;
        if (name.empty() || tool["function"].value("name", "") == name)
            return tool["function"];
    }
    return nullptr;
}

std::string jsonText(const DemoRequest &request)
{
    const Json &format = request.body["response_format"];
    if (format.contains("json_schema") && format["json_schema"].is_object() && format["json_schema"].contains("schema"))
        return exampleOf(format["json_schema"]["schema"]).dump();
    return Json{{"demo", true}, {"model", request.model}}.dump();
}

bool wantsJson(const Json &body)
{
    if (!body.contains("response_format") || !body["response_format"].is_object())
        return false;
    const Json type = body["response_format"].value("type", Json());
    return type == "json_object" || type == "json_schema";
}

Reply replyTo(const DemoRequest &request, const std::string &id)
{
    Reply reply;
    if (const Json function = wantedFunction(request.body); !function.is_null()) {
        const Json arguments = exampleOf(function.value("parameters", Json::object()));
        reply.toolCalls =
            Json::array({Json{{"id", "call_" + id},
                              {"type", "function"},
                              {"function", {{"name", function.value("name", "")}, {"arguments", arguments.dump()}}}}});
        reply.finish = "tool_calls";
        return reply;
    }
    reply.words = wantsJson(request.body)
                      ? std::vector<std::string>{jsonText(request)}
                      : splitWords("Hello from " + request.model +
                                   ". This is the demo provider of Keymux: no real model was asked, but the limits of "
                                   "this key are counted as if one had been.");
    for (const char *name : {"max_tokens", "max_completion_tokens"}) {
        if (!request.body.contains(name) || !request.body[name].is_number_integer())
            continue;
        const auto most = std::size_t(std::max<std::int64_t>(1, request.body[name].get<std::int64_t>()));
        if (most < reply.words.size()) {
            reply.words.resize(most);
            reply.finish = "length";
        }
    }
    return reply;
}

int choicesOf(const DemoRequest &request)
{
    const bool asked = request.body.contains("n") && request.body["n"].is_number_integer();
    return asked ? int(std::clamp<std::int64_t>(request.body["n"].get<std::int64_t>(), 1, 8)) : 1;
}

Json usageOf(const DemoRequest &request, const Reply &reply)
{
    const auto words = std::int64_t(reply.words.size()) * choicesOf(request);
    const std::int64_t completion = words + (reply.toolCalls.is_null() ? 0 : 10);
    return {{"prompt_tokens", request.promptTokens},
            {"completion_tokens", completion},
            {"total_tokens", request.promptTokens + completion}};
}

Json frame(const DemoRequest &request, const char *object, std::int64_t created, const std::string &id, Json choices)
{
    return {{"id", id},
            {"object", object},
            {"created", created},
            {"model", request.model},
            {"choices", std::move(choices)}};
}

/// A unit vector that the same text always gets.
std::vector<float> vectorOf(const std::string &text, std::size_t dimensions)
{
    std::vector<float> vector(dimensions);
    auto state = std::uint64_t(std::hash<std::string>{}(text)) | 1U;
    double length = 0;
    for (float &value : vector) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        value = float(double(state >> 33U) / double(1ULL << 31U)) - 0.5F;
        length += double(value) * double(value);
    }
    for (float &value : vector)
        value = float(double(value) / std::sqrt(std::max(length, 1e-9)));
    return vector;
}

std::string embeddingAnswer(const DemoRequest &request)
{
    const Json &input = request.body["input"];
    const bool several = input.is_array() && !input.empty() && !input[0].is_number();
    std::size_t dimensions = 768;
    if (request.body.contains("dimensions") && request.body["dimensions"].is_number_integer())
        dimensions = std::size_t(std::clamp<std::int64_t>(request.body["dimensions"].get<std::int64_t>(), 1, 3072));
    Json data = Json::array();
    for (std::size_t i = 0; i < (several ? input.size() : 1); ++i) {
        const std::vector<float> vector = vectorOf(several ? input[i].dump() : input.dump(), dimensions);
        Json embedding = vector;
        if (request.body.value("encoding_format", Json()) == "base64") {
            QByteArray bytes(qsizetype(vector.size() * sizeof(float)), Qt::Uninitialized);
            std::memcpy(bytes.data(), vector.data(), std::size_t(bytes.size()));
            embedding = bytes.toBase64().toStdString();
        }
        data.push_back({{"object", "embedding"}, {"index", i}, {"embedding", std::move(embedding)}});
    }
    return Json{{"object", "list"},
                {"data", std::move(data)},
                {"model", request.model},
                {"usage", {{"prompt_tokens", request.promptTokens}, {"total_tokens", request.promptTokens}}}}
        .dump();
}

} // namespace

std::string demoAnswer(const DemoRequest &request, std::int64_t created, const std::string &id)
{
    if (request.method == DemoMethod::Embedding)
        return embeddingAnswer(request);
    const bool chat = request.method == DemoMethod::Chat;
    const Reply reply = replyTo(request, id);
    Json choices = Json::array();
    for (int i = 0; i < choicesOf(request); ++i) {
        Json choice{{"index", i}};
        if (chat) {
            choice["message"] = {{"role", "assistant"}, {"content", reply.text()}};
            if (!reply.toolCalls.is_null()) {
                choice["message"]["content"] = nullptr;
                choice["message"]["tool_calls"] = reply.toolCalls;
            }
        } else {
            choice["text"] = reply.text();
            choice["logprobs"] = nullptr;
        }
        choice["finish_reason"] = reply.finish;
        choices.push_back(std::move(choice));
    }
    Json answer = frame(request, chat ? "chat.completion" : "text_completion", created, id, std::move(choices));
    answer["usage"] = usageOf(request, reply);
    return answer.dump();
}

std::vector<std::string> demoEvents(const DemoRequest &request, std::int64_t created, const std::string &id)
{
    const bool chat = request.method == DemoMethod::Chat;
    const Reply reply = replyTo(request, id);
    std::vector<std::string> events;
    const auto add = [&](Json choices, const Json &usage = nullptr) {
        Json chunk =
            frame(request, chat ? "chat.completion.chunk" : "text_completion", created, id, std::move(choices));
        if (!usage.is_null())
            chunk["usage"] = usage;
        events.push_back("data: " + chunk.dump() + "\n\n");
    };
    const auto addForAll = [&](const Json &delta, const std::string &text, const Json &finish) {
        for (int i = 0; i < choicesOf(request); ++i) {
            Json choice{{"index", i}};
            if (chat)
                choice["delta"] = delta;
            else
                choice["text"] = text;
            choice["finish_reason"] = finish;
            add(Json::array({std::move(choice)}));
        }
    };
    if (chat)
        addForAll({{"role", "assistant"}, {"content", ""}}, "", nullptr);
    for (const std::string &word : reply.words)
        addForAll({{"content", word}}, word, nullptr);
    if (!reply.toolCalls.is_null()) {
        Json calls = reply.toolCalls;
        calls[0]["index"] = 0;
        addForAll({{"tool_calls", calls}}, "", nullptr);
    }
    addForAll(Json::object(), "", reply.finish);
    if (request.includeUsage)
        add(Json::array(), usageOf(request, reply));
    events.emplace_back("data: [DONE]\n\n");
    return events;
}

std::string demoModelList(const std::vector<std::string> &models)
{
    Json data = Json::array();
    for (const std::string &model : models)
        data.push_back({{"id", "models/" + model}, {"object", "model"}, {"owned_by", "google"}});
    return Json{{"object", "list"}, {"data", std::move(data)}}.dump();
}

} // namespace keymux
