// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/ledger.h"

namespace keymux::testing {

/// What the upstream reads out of a request's body. A body that is not JSON gives an empty one.
struct GoodRequest {
    std::string model;
    bool stream = false;
    bool includeUsage = false;
    std::size_t inputs = 1; ///< texts to embed
    std::vector<std::string> fields;

    static GoodRequest read(const std::string &body);
};

/// A good answer of the call's kind: chat, completion, embeddings or the list of models.
std::string goodAnswer(const UpstreamCall &call, std::size_t inputs);
/// The events of a good stream: a role chunk, `chunks` texts, the end, usage when it was asked for, [DONE].
std::vector<std::string> goodStream(const UpstreamCall &call, int chunks, const std::string &text, bool usage);

} // namespace keymux::testing
