// SPDX-License-Identifier: GPL-3.0-or-later
// Any body of a 200: usable only when it is one whole object with content and without an error.
#include "dialects/answerlook.h"
#include "fuzz.h"

#include <nlohmann/json.hpp>

using namespace keymux;
using fuzz::must;
using Json = nlohmann::json;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const auto endpoint = Endpoint(input.byte() % endpointCount);
    const AnswerLook look = lookAtAnswer(input.text(), endpoint);
    must(look.usable == look.why.empty(), "what is not usable says why");
    must(look.innerStatus >= 0 && look.innerStatus <= 999, "a status is a status");
    if (look.usage)
        must(look.usage->prompt >= 0 && look.usage->completion >= 0 && look.usage->total >= 0, "tokens are counted up");
    if (!look.usable)
        return 0;
    const Json answer = Json::parse(input.text(), nullptr, false);
    must(answer.is_object(), "a usable answer is an object");
    const auto content = answer.find(endpoint == Endpoint::Embeddings ? "data" : "choices");
    must(content != answer.end(), "a usable answer has content");
    return 0;
}
