// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/answerlook.h"
#include "dialects/answermembers.h"
#include "dialects/sse.h"

#include <algorithm>
#include <utility>

namespace keymux {

namespace {

constexpr std::size_t holdBound = 64 << 10;
constexpr std::size_t eventLookBound = 1 << 20; ///< of a larger event only its bytes go on

bool contains(std::string_view text, std::string_view what)
{
    return text.find(what) != std::string_view::npos;
}

/// True when a finish reason is there and not null.
bool mentionsFinish(std::string_view event)
{
    std::size_t at = event.find("\"finish_reason\"");
    while (at != std::string_view::npos) {
        const std::size_t value = event.find_first_not_of(" \t:", at + 15);
        if (value != std::string_view::npos && event[value] == '"')
            return true;
        at = event.find("\"finish_reason\"", at + 15);
    }
    return false;
}

bool isTextMember(std::string_view name)
{
    for (const std::string_view one : {"content", "reasoning_content", "reasoning", "refusal", "arguments", "text"}) {
        if (name == one)
            return true;
    }
    return false;
}

/// Where the JSON string ends whose first byte behind the quote is at `from`; the size where it does not.
std::size_t stringEnd(std::string_view text, std::size_t from)
{
    while (from < text.size() && text[from] != '"')
        from += text[from] == '\\' ? 2 : 1;
    return std::min(from, text.size());
}

/// Bytes of the text that an event brings: what was said, thought, or given to a tool. One walk from string to string.
std::int64_t textBytesIn(std::string_view event)
{
    std::int64_t bytes = 0;
    std::size_t at = event.find('"');
    while (at != std::string_view::npos) {
        const std::size_t end = stringEnd(event, at + 1);
        const std::string_view name = event.substr(at + 1, end - at - 1);
        at = event.find_first_not_of(" \t", std::min(end + 1, event.size()));
        if (at == std::string_view::npos)
            break;
        if (event[at] == ':' && isTextMember(name)) {
            at = std::min(event.find_first_not_of(" \t", at + 1), event.size());
            if (at < event.size() && event[at] == '"') {
                const std::size_t valueEnd = stringEnd(event, at + 1);
                bytes += std::int64_t(valueEnd - at - 1);
                at = valueEnd + 1;
            }
        }
        at = event.find('"', at);
    }
    return bytes;
}

} // namespace

class ChatStreamWatch::Private {
public:
    explicit Private(bool hide) : hideUsage(hide) {}

    void lookAtFirst(std::string_view event);
    void lookAtLargeFirst();
    void lookAtLater(std::string_view event);
    bool isUsageChunk(std::string_view event);
    void eventDone(std::string_view event, std::vector<std::string_view> &out, bool alreadyOut);

    const bool hideUsage;
    SseBoundary boundary;
    std::string partial;     ///< of an event not yet whole: kept for looking at it
    bool partialOut = false; ///< its bytes have been forwarded as they came
    std::string held;        ///< what feed() hands out of what it held back, alive until the next call
    First first = First::Pending;
    AnswerLook look;
    bool errorLater = false;
    bool done = false;
    std::optional<TokenUsage> usage;
    std::int64_t textBytes = 0;
};

void ChatStreamWatch::Private::lookAtFirst(std::string_view event)
{
    const SseEvent parsed = parseSseEvent(event);
    if (parsed.onlyComments)
        return;
    first = First::Unusable;
    if (parsed.data == "[DONE]") {
        look.why = "a stream that ended before it began";
        return;
    }
    const AnswerMembers members = readAnswerMembers(parsed.data, "choices");
    if (members.hasError || parsed.type == "error" || (parsed.raw && contains(parsed.data, "\"error\""))) {
        look = lookAtErrorInside(parsed.data);
        return;
    }
    if (parsed.raw || !members.whole) {
        look.why = parsed.raw ? "a stream request answered with something else" : "a first event that is not JSON";
        return;
    }
    first = First::Usable;
    look.usable = true;
}

/// A first event too large to be held back: a picture, most likely. It is taken at its word.
void ChatStreamWatch::Private::lookAtLargeFirst()
{
    look.usable = parseSseEvent(std::string_view(partial).substr(0, 64)).raw == false;
    first = look.usable ? First::Usable : First::Unusable;
    if (!look.usable)
        look.why = "a stream request answered with something else";
}

void ChatStreamWatch::Private::lookAtLater(std::string_view event)
{
    textBytes += textBytesIn(event);
    if (contains(event, "[DONE]"))
        done = done || parseSseEvent(event).data == "[DONE]";
    done = done || mentionsFinish(event);
    const bool usageWord = contains(event, "\"usage\""),
               errorWord = contains(event, "\"error\"") || contains(event, "event: error");
    if (!usageWord && !errorWord)
        return;
    const SseEvent parsed = parseSseEvent(event);
    const AnswerMembers members = readAnswerMembers(parsed.data, "choices");
    if (members.usage)
        usage = members.usage;
    if (members.hasError || parsed.type == "error")
        errorLater = true;
}

/// The chunk that include_usage causes: no choices, and a usage object.
bool ChatStreamWatch::Private::isUsageChunk(std::string_view event)
{
    if (!contains(event, "\"usage\"") || !contains(event, "\"choices\""))
        return false;
    const AnswerMembers members = readAnswerMembers(parseSseEvent(event).data, "choices");
    return members.whole && members.contentPresent && members.contentEmpty && members.usagePresent;
}

void ChatStreamWatch::Private::eventDone(std::string_view event, std::vector<std::string_view> &out, bool alreadyOut)
{
    if (first == First::Pending)
        lookAtFirst(event);
    if (event.size() <= eventLookBound)
        lookAtLater(event);
    if (!alreadyOut && !(hideUsage && isUsageChunk(event)))
        out.push_back(event);
}

ChatStreamWatch::ChatStreamWatch(bool hideUsage) : d(std::make_unique<Private>(hideUsage)) {}
ChatStreamWatch::~ChatStreamWatch() = default;
ChatStreamWatch::ChatStreamWatch(ChatStreamWatch &&) noexcept = default;
ChatStreamWatch &ChatStreamWatch::operator=(ChatStreamWatch &&) noexcept = default;

void ChatStreamWatch::feed(std::string_view chunk, std::vector<std::string_view> &out)
{
    d->held.clear();
    while (!chunk.empty()) {
        const std::size_t end = d->boundary.eventEnd(chunk);
        if (end == SseBoundary::npos)
            break;
        const std::string_view tail = chunk.substr(0, end);
        chunk.remove_prefix(end);
        if (d->partial.empty() && !d->partialOut) {
            d->eventDone(tail, out, false);
            continue;
        }
        // The event came in parts: whole now, in a buffer of our own that lives until the next call.
        const bool wasOut = std::exchange(d->partialOut, false);
        d->partial.append(tail);
        d->held = std::exchange(d->partial, {});
        std::vector<std::string_view> whole;
        d->eventDone(d->held, whole, wasOut);
        if (wasOut)
            out.push_back(tail);
        else
            out.insert(out.end(), whole.begin(), whole.end());
    }
    if (chunk.empty())
        return;
    const std::size_t before = d->partial.size();
    if (before < eventLookBound)
        d->partial.append(chunk.substr(0, eventLookBound - before));
    if (d->partialOut) {
        out.push_back(chunk);
        return;
    }
    if (d->first == First::Pending && d->partial.size() >= eventLookBound)
        d->lookAtLargeFirst();
    // It may still be the chunk that is to be hidden, as long as no choice was seen in it.
    const bool mayBeUsage = d->hideUsage && d->partial.size() < holdBound && !contains(d->partial, "\"choices\":[{") &&
                            !contains(d->partial, "\"choices\": [{");
    if (d->first == First::Pending || mayBeUsage)
        return;
    d->partialOut = true;
    // Everything held of this event goes out at once; from here on it goes as it comes. What is held came with calls
    // before this one, so no event ended in this one and the buffer is free.
    if (before > 0) {
        d->held = d->partial.substr(0, before);
        out.push_back(d->held);
    }
    out.push_back(chunk);
}

bool ChatStreamWatch::finish(std::vector<std::string_view> &out)
{
    d->held.clear();
    if (!d->partial.empty()) {
        const bool wasOut = std::exchange(d->partialOut, false);
        d->held = std::exchange(d->partial, {});
        d->eventDone(d->held, out, wasOut);
    }
    return d->done;
}

ChatStreamWatch::First ChatStreamWatch::first() const
{
    return d->first;
}

const AnswerLook &ChatStreamWatch::look() const
{
    return d->look;
}

bool ChatStreamWatch::errorLater() const
{
    return d->errorLater;
}

const std::optional<TokenUsage> &ChatStreamWatch::usage() const
{
    return d->usage;
}

std::int64_t ChatStreamWatch::textBytes() const
{
    return d->textBytes;
}

} // namespace keymux
