// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "demoprovider/demoerrors.h"

#include <nlohmann/json.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace keymux {

enum class DemoMethod : std::uint8_t { Chat, Completion, Embedding };

/// A request the demo's provider understood.
struct DemoRequest {
    DemoMethod method = DemoMethod::Chat;
    nlohmann::ordered_json body;
    std::string model; ///< without the `models/` that Google's own names begin with
    bool stream = false;
    bool includeUsage = false;
    std::int64_t promptTokens = 0;

    /// Error: the answer that says what is wrong with it.
    static tl::expected<DemoRequest, DemoError> read(DemoMethod method, std::string_view body);
};

/// A whole answer. `created` in Unix seconds; `id` makes the answer's own.
std::string demoAnswer(const DemoRequest &request, std::int64_t created, const std::string &id);
/// The events of a streamed answer, one word each, `[DONE]` included.
std::vector<std::string> demoEvents(const DemoRequest &request, std::int64_t created, const std::string &id);
std::string demoModelList(const std::vector<std::string> &models);

} // namespace keymux
