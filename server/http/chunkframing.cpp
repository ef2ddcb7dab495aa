// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/chunkframing.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr int maxDigits = 8;
constexpr int maxOverhead = 16 << 10;

} // namespace

std::size_t ChunkFraming::feed(std::string_view bytes, std::vector<std::string_view> *pieces)
{
    std::size_t at = 0;
    while (at < bytes.size() && m_state != State::End && m_state != State::Bad) {
        if (m_state != State::Data) {
            step(bytes[at++]);
            continue;
        }
        const auto now = std::min<std::int64_t>(m_left, std::int64_t(bytes.size() - at));
        if (pieces)
            pieces->push_back(bytes.substr(at, std::size_t(now)));
        at += std::size_t(now);
        m_left -= now;
        m_content += now;
        if (m_left == 0)
            m_state = State::DataCr;
    }
    return at;
}

void ChunkFraming::sizeDigit(char c)
{
    const char l = char(c | 32);
    const int digit = c >= '0' && c <= '9' ? c - '0' : l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
    if (digit >= 0 && m_digits < maxDigits) {
        m_left = m_left << 4 | digit;
        ++m_digits;
    } else if (m_digits > 0 && c == ';') {
        m_state = State::Extension;
    } else if (m_digits > 0 && c == '\r') {
        m_state = State::SizeLf;
    } else {
        m_state = State::Bad;
    }
}

void ChunkFraming::step(char c)
{
    switch (m_state) {
    case State::Size:
        sizeDigit(c);
        return;
    case State::Extension:
        if (c == '\r')
            m_state = State::SizeLf;
        else if (++m_overhead > maxOverhead || c == '\n')
            m_state = State::Bad;
        return;
    case State::SizeLf:
        m_digits = 0;
        m_lineEmpty = true;
        m_state = c != '\n' ? State::Bad : m_left > 0 ? State::Data : State::Trailer;
        return;
    case State::DataCr:
        m_state = c == '\r' ? State::DataLf : State::Bad;
        return;
    case State::DataLf:
        m_state = c == '\n' ? State::Size : State::Bad;
        return;
    case State::Trailer:
        if (c == '\r')
            m_state = State::TrailerLf;
        else if (c == '\n' || ++m_overhead > maxOverhead)
            m_state = State::Bad;
        else
            m_lineEmpty = false;
        return;
    case State::TrailerLf:
        m_state = c != '\n' ? State::Bad : m_lineEmpty ? State::End : State::Trailer;
        m_lineEmpty = true;
        return;
    default:
        return;
    }
}

} // namespace keymux
