// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace keymux {

/// Follows a chunked body (RFC 9112, 7.1) to find its end and to count its content; strict, and bounded in everything
/// that is not content.
class ChunkFraming {
public:
    enum class State : std::uint8_t { Size, Extension, SizeLf, Data, DataCr, DataLf, Trailer, TrailerLf, End, Bad };

    /// Takes the next bytes; gives how many belong to this body. All of them, unless it ended or is malformed. Content
    /// among them is appended to `pieces` as views into `bytes`.
    std::size_t feed(std::string_view bytes, std::vector<std::string_view> *pieces = nullptr);

    bool ended() const { return m_state == State::End; }
    bool malformed() const { return m_state == State::Bad; }
    /// Bytes of content so far, without the framing.
    std::int64_t content() const { return m_content; }

private:
    void step(char c);
    void sizeDigit(char c);

    State m_state = State::Size;
    std::int64_t m_left = 0; ///< of the chunk
    std::int64_t m_content = 0;
    int m_digits = 0;
    int m_overhead = 0; ///< bytes of extensions and trailers
    bool m_lineEmpty = true;
};

} // namespace keymux
