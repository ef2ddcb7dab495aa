// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/sse.h"

#include <utility>

namespace keymux {

std::size_t SseBoundary::eventEnd(std::string_view bytes)
{
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (std::exchange(m_ended, false)) {
            m_lineEmpty = true;
            m_afterCr = false;
            return c == '\n' ? i + 1 : i;
        }
        if (c == '\n') {
            if (m_afterCr) {
                m_afterCr = false;
                continue;
            }
            if (m_lineEmpty)
                return i + 1;
            m_lineEmpty = true;
        } else if (c == '\r') {
            m_afterCr = true;
            m_ended = m_lineEmpty; // whether an LF follows that belongs to it, the next byte says
            m_lineEmpty = true;
        } else {
            m_afterCr = false;
            m_lineEmpty = false;
        }
    }
    return npos;
}

SseEvent parseSseEvent(std::string_view event)
{
    SseEvent result;
    if (event.starts_with("\xef\xbb\xbf"))
        event.remove_prefix(3);
    const std::string_view whole = event;
    bool hasData = false;
    while (!event.empty()) {
        const std::size_t end = event.find_first_of("\r\n");
        const std::string_view line = event.substr(0, end);
        event.remove_prefix(end == std::string_view::npos ? event.size() : end + 1);
        if (line.empty() || line.front() == ':')
            continue;
        const std::size_t colon = line.find(':');
        const std::string_view field = line.substr(0, colon);
        std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
        if (value.starts_with(' '))
            value.remove_prefix(1);
        if (field == "data") {
            if (std::exchange(hasData, true))
                result.data += '\n';
            result.data += value;
            result.onlyComments = false;
        } else if (field == "event") {
            result.type = value;
        } else if (field != "id" && field != "retry") {
            result.raw = true;
            result.onlyComments = false;
        }
    }
    if (result.raw && !hasData)
        result.data = whole;
    else
        result.raw = false;
    return result;
}

} // namespace keymux
