// SPDX-License-Identifier: GPL-3.0-or-later
// Any chunked body, however it is cut: it ends in one place, or is malformed.
#include "fuzz.h"
#include "http/chunkframing.h"

using namespace keymux;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    unsigned seed = input.byte();
    const unsigned longest = 1 + input.byte() % 16;
    const std::string_view text = input.text();
    ChunkFraming whole, pieces;
    const std::size_t taken = whole.feed(text);
    must(taken <= text.size(), "no more is taken than there is");
    must(taken == text.size() || whole.ended() || whole.malformed(), "all is taken until the end");
    must(whole.content() >= 0 && whole.content() <= std::int64_t(taken), "content is part of the body");
    std::size_t at = 0;
    while (at < text.size() && !pieces.ended() && !pieces.malformed()) {
        seed = seed * 1664525 + 1013904223;
        at += pieces.feed(text.substr(at, 1 + (seed >> 8) % longest));
    }
    must(at == taken || whole.malformed(), "it ends in the same place");
    must(pieces.ended() == whole.ended() && pieces.malformed() == whole.malformed(), "in the same way");
    must(pieces.content() == whole.content(), "with the same content");
    return 0;
}
