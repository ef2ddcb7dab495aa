// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <termios.h>

namespace keymux {

/// A terminal that shows one page at a time on its alternate screen, and the signals that concern it. Whatever ends
/// it, the terminal is as it was before. Where `fd` is no terminal, nothing is switched and only signals are waited
/// for. One at a time, on the main thread.
class Terminal {
public:
    explicit Terminal(int fd);
    ~Terminal();
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    bool isTerminal() const { return m_terminal; }
    struct Size {
        int columns = 80, rows = 24;
    };
    Size size() const;
    /// Puts a page in place of the one before; false when nobody reads any more.
    bool show(const std::string &page) const;

    enum class Event : std::uint8_t { Time, Resized, Quit };
    /// Waits for a signal, the key `q`, or until the time is over.
    Event wait(Millis timeout);
    /// Has one of them arrived that says to end? Does not wait.
    bool quitAsked();

private:
    void enter();
    void leave();
    Event take();

    int m_fd, m_signals = -1;
    bool m_terminal = false, m_quit = false, m_resized = false;
    sigset_t m_before{};
    std::optional<termios> m_mode; ///< of stdin, as it was
};

} // namespace keymux
