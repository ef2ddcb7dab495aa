// SPDX-License-Identifier: GPL-3.0-or-later
// Any stream, however it is cut: the same events, the same verdict, and not a byte more or less.
#include "dialects/answerlook.h"
#include "dialects/sse.h"
#include "fuzz.h"

#include <vector>

using namespace keymux;
using fuzz::must;

namespace {

struct Seen {
    std::string out;
    ChatStreamWatch::First first = ChatStreamWatch::First::Pending;
    bool whole = false, errorLater = false;
    std::int64_t textBytes = 0;
    std::optional<TokenUsage> usage;
};

/// Pieces of 1 to `longest` bytes, in a pattern that `seed` makes; 0 is all at once.
std::vector<std::string_view> cut(std::string_view text, unsigned longest, unsigned seed)
{
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        seed = seed * 1664525 + 1013904223;
        const std::size_t length = longest == 0 ? text.size() : 1 + (seed >> 8) % longest;
        pieces.push_back(text.substr(0, length));
        text.remove_prefix(pieces.back().size());
    }
    return pieces;
}

Seen watched(std::string_view text, bool hideUsage, unsigned longest, unsigned seed)
{
    ChatStreamWatch watch(hideUsage);
    Seen seen;
    std::vector<std::string_view> out;
    const auto take = [&] {
        for (const std::string_view piece : out)
            seen.out += piece;
        out.clear();
    };
    for (const std::string_view piece : cut(text, longest, seed)) {
        watch.feed(piece, out);
        take();
    }
    seen.whole = watch.finish(out);
    take();
    seen.first = watch.first();
    seen.errorLater = watch.errorLater();
    seen.textBytes = watch.textBytes();
    seen.usage = watch.usage();
    return seen;
}

std::vector<std::size_t> eventEnds(std::string_view text, unsigned longest, unsigned seed)
{
    SseBoundary boundary;
    std::vector<std::size_t> ends;
    std::size_t at = 0;
    for (std::string_view piece : cut(text, longest, seed)) {
        for (;;) {
            const std::size_t end = boundary.eventEnd(piece);
            if (end == SseBoundary::npos)
                break;
            must(end <= piece.size(), "an event ends in what was given");
            at += end;
            piece.remove_prefix(end);
            ends.push_back(at);
            if (piece.empty())
                break;
        }
        at += piece.size();
    }
    return ends;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const unsigned seed = input.byte(), longest = 1 + input.byte() % 64;
    const std::string_view text = input.text();
    must(eventEnds(text, longest, seed) == eventEnds(text, 0, 0), "events end where they end");
    for (const bool hide : {false, true}) {
        const Seen whole = watched(text, hide, 0, 0), pieces = watched(text, hide, longest, seed);
        must(hide || whole.out == text, "every byte goes on");
        must(hide || pieces.out == text, "every byte goes on in pieces");
        must(pieces.out.size() <= text.size(), "nothing is added");
        must(whole.first == pieces.first, "the first event decides alike");
        must(whole.whole == pieces.whole && whole.errorLater == pieces.errorLater, "the end is seen alike");
        must(whole.textBytes == pieces.textBytes && whole.usage == pieces.usage, "what is counted is counted alike");
    }
    return 0;
}
