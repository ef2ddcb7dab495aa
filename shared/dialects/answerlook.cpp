// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/answerlook.h"

#include "dialects/answermembers.h"
#include "dialects/errorbody.h"

namespace keymux {

AnswerLook lookAtErrorInside(std::string_view body)
{
    AnswerLook look;
    look.why = "a 200 with an error inside";
    look.error = readErrorBody(body, TimePoint{});
    const std::string &code = look.error->code;
    if (code.size() == 3 && code.find_first_not_of("0123456789") == std::string::npos)
        look.innerStatus = std::stoi(code);
    return look;
}

AnswerLook lookAtAnswer(std::string_view body, Endpoint endpoint)
{
    const std::size_t start = body.find_first_not_of(" \t\r\n");
    // Google wraps errors of its compatible path in an array.
    if (start != std::string_view::npos && body[start] == '[' && body.find("\"error\"") != std::string_view::npos)
        return lookAtErrorInside(body);
    const bool embeddings = endpoint == Endpoint::Embeddings;
    const AnswerMembers members = readAnswerMembers(body, embeddings ? "data" : "choices");
    if (members.hasError)
        return lookAtErrorInside(body);
    AnswerLook look;
    if (start == std::string_view::npos)
        look.why = "an empty answer";
    else if (!members.whole)
        look.why = "an answer that is not one whole JSON object";
    else if (members.contentEmpty)
        look.why = embeddings ? "an answer without data" : "an answer without choices";
    else
        look.usable = true;
    look.usage = members.usage;
    return look;
}

} // namespace keymux
