// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes of a websocket client, however they are cut: the same messages come out, within the bounds.
#include "fuzz.h"
#include "http/websocketframing.h"

#include <vector>

using namespace keymux;
using fuzz::must;

namespace {

constexpr std::size_t maxMessage = 300;

std::string shown(const WebSocketInput &input)
{
    return std::to_string(int(input.kind)) + ' ' + std::to_string(input.code) + ' ' + input.payload;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    unsigned seed = input.byte();
    const unsigned longest = 1 + input.byte() % 16;
    const std::string_view text = input.text();
    const auto readAll = [](WebSocketReader &reader, std::string_view bytes, std::vector<std::string> &into) {
        while (!bytes.empty()) {
            const std::size_t before = bytes.size();
            const auto next = reader.next(bytes);
            must(bytes.size() < before, "it goes on");
            must(next || bytes.empty(), "all is taken unless there is an input");
            if (!next)
                continue;
            const bool control = next->kind == WebSocketInput::Kind::Ping || next->kind == WebSocketInput::Kind::Pong;
            must(next->payload.size() <= (control ? 125 : maxMessage), "an input is bounded");
            must(next->kind < WebSocketInput::Kind::Close || next->code >= 1000, "an end has a code");
            into.push_back(shown(*next));
        }
    };
    WebSocketReader whole(maxMessage), pieces(maxMessage);
    std::vector<std::string> one, other;
    readAll(whole, text, one);
    for (std::size_t at = 0; at < text.size();) {
        seed = seed * 1664525 + 1013904223;
        const std::string_view piece = text.substr(at, 1 + (seed >> 8) % longest);
        readAll(pieces, piece, other);
        at += piece.size();
    }
    must(one == other, "however it is cut, the same comes out");
    must(whole.frames() == pieces.frames(), "of as many frames");
    return 0;
}
