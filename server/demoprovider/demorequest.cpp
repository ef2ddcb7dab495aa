// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demoanswers.h"

#include <algorithm>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string_view>;

/// The fields Google's compatible path takes; every other one is a 400 there, `frequency_penalty` and `store` among
/// them.
const Names &knownFields(DemoMethod method)
{
    static const Names chat{"model",
                            "messages",
                            "stream",
                            "stream_options",
                            "temperature",
                            "top_p",
                            "max_tokens",
                            "n",
                            "max_completion_tokens",
                            "stop",
                            "tools",
                            "tool_choice",
                            "response_format",
                            "parallel_tool_calls",
                            "seed",
                            "reasoning_effort",
                            "modalities",
                            "audio",
                            "extra_body",
                            "user"};
    static const Names completion{"model",      "prompt", "stream", "stream_options", "temperature", "top_p",
                                  "max_tokens", "n",      "stop",   "seed",           "echo",        "user"};
    static const Names embedding{"model", "input", "dimensions", "encoding_format", "user"};
    switch (method) {
    case DemoMethod::Chat:
        return chat;
    case DemoMethod::Completion:
        return completion;
    case DemoMethod::Embedding:
        break;
    }
    return embedding;
}

std::string_view contentField(DemoMethod method)
{
    switch (method) {
    case DemoMethod::Chat:
        return "messages";
    case DemoMethod::Completion:
        return "prompt";
    case DemoMethod::Embedding:
        break;
    }
    return "input";
}

} // namespace

tl::expected<DemoRequest, DemoError> DemoRequest::read(DemoMethod method, std::string_view text)
{
    DemoRequest request;
    request.method = method;
    request.body = Json::parse(text, nullptr, false);
    if (!request.body.is_object())
        return tl::unexpected(demoInvalidArgument("Invalid JSON payload received. Expected an object."));
    const Names &known = knownFields(method);
    for (const auto &[name, value] : request.body.items())
        if (std::find(known.begin(), known.end(), name) == known.end())
            return tl::unexpected(demoUnknownField(name));

    const auto model = request.body.find("model");
    if (model == request.body.end() || !model->is_string())
        return tl::unexpected(demoInvalidArgument("model is not specified."));
    request.model = model->get<std::string>();
    if (request.model.starts_with("models/"))
        request.model.erase(0, 7);
    const auto content = request.body.find(contentField(method));
    if (content == request.body.end() || (method == DemoMethod::Chat && (!content->is_array() || content->empty())))
        return tl::unexpected(demoInvalidArgument("* " + std::string(contentField(method)) + " is not specified.\n"));

    const auto flag = [](const Json &object, const char *name) {
        return object.is_object() && object.contains(name) && object[name] == true;
    };
    request.stream = method != DemoMethod::Embedding && flag(request.body, "stream");
    request.includeUsage =
        request.body.contains("stream_options") && flag(request.body["stream_options"], "include_usage");
    request.promptTokens = std::int64_t((content->dump().size() + 3) / 4);
    return request;
}

} // namespace keymux
