// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/progress.h"

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <utility>

namespace keymux {

namespace {

constexpr const char *eraseLine = "\r\033[K";

} // namespace

std::string progressBar(int done, int all, int columns)
{
    const std::string count = " " + std::to_string(done) + "/" + std::to_string(all);
    const int room = std::clamp(columns - int(count.size()) - 3, 5, 60);
    const int filled = all > 0 ? int(std::int64_t(room) * std::clamp(done, 0, all) / all) : room;
    return "[" + std::string(std::size_t(filled), '#') + std::string(std::size_t(room - filled), '.') + "]" + count;
}

void Progress::line(const std::string &text)
{
    if (m_terminal)
        m_out << eraseLine;
    m_out << text << '\n' << m_bar << std::flush;
}

void Progress::step(int done, int all)
{
    if (!m_terminal)
        return;
    m_bar = progressBar(done, all, m_columns);
    m_out << eraseLine << m_bar << std::flush;
}

void Progress::end()
{
    if (!std::exchange(m_bar, {}).empty())
        m_out << eraseLine << std::flush;
}

} // namespace keymux
