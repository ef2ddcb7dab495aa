// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "core/result.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// Byte offsets into a body, end exclusive.
struct ByteSpan {
    std::size_t begin = 0, end = 0;
};

/// What the gateway must know of a request body, found in one pass without building a tree.
struct RequestHead {
    struct Member {
        std::string name; ///< unescaped
        ByteSpan name_;   ///< with its quotes
        ByteSpan value;
    };

    std::string model;
    bool stream = false;
    std::optional<bool> includeUsage; ///< what stream_options.include_usage says
    std::int64_t textBytes = 0;       ///< bytes of string values that are text (not `data:` URIs, not base64 audio)
    std::optional<std::int64_t> maxTokens; ///< max_completion_tokens, else max_tokens
    std::vector<Member> members;           ///< top level, in order
    ByteSpan object;                       ///< the object with its braces

    /// ⌈text bytes / 4⌉ + max tokens.
    std::int64_t estimatedTokens() const;
    /// ⌈text bytes / 4⌉, for providers whose limit counts only what goes in.
    std::int64_t inputTokens() const;
};

/// Reads a client's body. Errors: `invalid_json` (with the byte offset), `invalid_request_error` (not an object, no
/// model, a model or stream of the wrong type, a member named twice that we read). Validates the whole text, nesting
/// bounded at 512; never copies it.
Result<RequestHead> readRequestHead(std::string_view body);

/// How a body may be changed on its way to a provider.
struct BodyEdit {
    std::string model;              ///< the provider's name for it
    bool askForUsage = false;       ///< splice in stream_options.include_usage: true where the client left it out
    std::vector<std::string> drop;  ///< top-level members to leave out
    std::vector<NamedValue> rename; ///< top-level members to name differently
};

/// A body as a row of pieces: views into the client's body and into `owned`. Movable, not copyable; the client's body
/// must outlive it.
class SplicedBody {
public:
    SplicedBody() = default;
    SplicedBody(SplicedBody &&) = default;
    SplicedBody &operator=(SplicedBody &&) = default;
    SplicedBody(const SplicedBody &) = delete;
    SplicedBody &operator=(const SplicedBody &) = delete;

    void append(std::string_view borrowed);
    void appendOwned(std::string text);
    const std::vector<std::string_view> &pieces() const { return m_pieces; }
    std::size_t size() const { return m_size; }
    std::string toString() const;

private:
    std::vector<std::string_view> m_pieces;
    std::deque<std::string> m_owned; ///< a deque never moves its strings
    std::size_t m_size = 0;
};

/// The body with the edit applied: every byte not named by the edit stays as it is, in its order.
SplicedBody splice(std::string_view body, const RequestHead &head, const BodyEdit &edit);

} // namespace keymux
