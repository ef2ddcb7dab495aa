// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/feedback.h"
#include "core/poolconfig.h"
#include "core/usage.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// The verdict on a 200 before it is committed to.
struct AnswerLook {
    bool usable = false;
    std::string why;                 ///< when not usable: one sentence for the log
    std::optional<ErrorFacts> error; ///< an error found inside, to be classified like an answer of its own
    int innerStatus = 0;             ///< the status that error names (`code` as a number), 0 when it does not
    std::optional<TokenUsage> usage;
};

/// Looks at a whole plain answer: it must be one JSON value without an `error` member and, for chat and completions,
/// with choices.
AnswerLook lookAtAnswer(std::string_view body, Endpoint endpoint);

/// The verdict on a text that is known to hold an error.
AnswerLook lookAtErrorInside(std::string_view body);

/// Watches an OpenAI-style event stream on its way to the client: decides on its first event, finds the usage, takes
/// out the usage chunk the client did not ask for, notices an error or a missing end. Forwards bytes unchanged and as
/// soon as they arrive.
class ChatStreamWatch {
public:
    enum class First : std::uint8_t { Pending, Usable, Unusable };

    /// `hideUsage`: the extra chunk (`choices: []` with usage) is to be taken out.
    explicit ChatStreamWatch(bool hideUsage);

    /// Takes the next bytes and appends to `out` what may go to the client: views into `chunk` or into an own buffer,
    /// valid until the next call. An event is held back only while it could still be the usage chunk that is to be
    /// hidden (at most 64 KiB, then it is let go).
    void feed(std::string_view chunk, std::vector<std::string_view> &out);

    /// The upstream ended. Appends what was held back; true when the stream came to a proper end (`[DONE]`, or a finish
    /// reason).
    bool finish(std::vector<std::string_view> &out);

    First first() const;
    /// Why the first event is unusable, or the error found later in the stream (`error().has_value()`).
    const AnswerLook &look() const;
    /// An `error` event came after a usable first one; it has been forwarded to the client.
    bool errorLater() const;
    const std::optional<TokenUsage> &usage() const;
    /// Bytes of answer text seen so far, for counting a stream that was cut before its usage came.
    std::int64_t textBytes() const;

    ~ChatStreamWatch();
    ChatStreamWatch(ChatStreamWatch &&) noexcept;
    ChatStreamWatch &operator=(ChatStreamWatch &&) noexcept;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace keymux
