// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>

namespace keymux {

/// `[########............] 40/100`, at most so many columns wide.
std::string progressBar(int done, int all, int columns);

/// Tells how far something is: on a terminal with a bar that stays at the bottom, elsewhere with the lines alone.
class Progress {
public:
    Progress(std::ostream &out, bool terminal, int columns) : m_out(out), m_terminal(terminal), m_columns(columns) {}
    ~Progress() { end(); }
    Progress(const Progress &) = delete;
    Progress &operator=(const Progress &) = delete;

    /// A line that stays.
    void line(const std::string &text);
    void step(int done, int all);
    /// Takes the bar away.
    void end();

private:
    std::ostream &m_out;
    const bool m_terminal;
    const int m_columns;
    std::string m_bar;
};

} // namespace keymux
