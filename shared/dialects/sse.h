// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace keymux {

/// Finds where events of a server-sent stream end, over bytes and whatever way they are cut: line ends are LF, CRLF or
/// CR; an empty line ends an event (HTML Living Standard, 9.2.6).
class SseBoundary {
public:
    /// Looks at the next bytes; gives how many of them belong to the event that ends here (none when
    /// it ended with the bytes before), or npos when none ends in them.
    std::size_t eventEnd(std::string_view bytes);
    static constexpr std::size_t npos = std::string_view::npos;

private:
    bool m_lineEmpty = true; ///< nothing on the present line yet
    bool m_ended =
        false; ///< an empty line ended with CR: the event ends before the next byte, or after it when it is an LF
    bool m_afterCr = false; ///< the last byte was CR: an LF that follows belongs to it
};

/// What one whole event says.
struct SseEvent {
    std::string data; ///< `data:` lines joined with LF
    std::string type; ///< `event:`
    bool onlyComments = true;
    bool raw = false; ///< text that is no event stream at all (a JSON body); then it is in `data`
};
SseEvent parseSseEvent(std::string_view event);

} // namespace keymux
