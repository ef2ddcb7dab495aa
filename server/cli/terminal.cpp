// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/terminal.h"

#include <cerrno>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace keymux {

namespace {

bool writeAll(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text.remove_prefix(std::size_t(written));
    }
    return true;
}

} // namespace

Terminal::Terminal(int fd) : m_fd(fd), m_terminal(isatty(fd) == 1)
{
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGPIPE})
        sigaddset(&set, number);
    pthread_sigmask(SIG_BLOCK, &set, &m_before);
    m_signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    enter();
}

Terminal::~Terminal()
{
    leave();
    if (m_signals >= 0)
        close(m_signals);
    // What is pending was dealt with: it must not end the program now.
    timespec none{};
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
        sigaddset(&set, number);
    while (sigtimedwait(&set, nullptr, &none) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

void Terminal::enter()
{
    if (!m_terminal)
        return;
    termios mode{};
    if (isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &mode) == 0) {
        m_mode = mode;
        mode.c_lflag &= ~tcflag_t(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    }
    writeAll(m_fd, "\033[?1049h\033[?25l\033[2J");
}

void Terminal::leave()
{
    if (!m_terminal)
        return;
    writeAll(m_fd, "\033[0m\033[?25h\033[?1049l");
    if (m_mode)
        tcsetattr(STDIN_FILENO, TCSANOW, &*m_mode);
}

Terminal::Size Terminal::size() const
{
    winsize size{};
    if (ioctl(m_fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
        return {};
    return {size.ws_col, size.ws_row};
}

bool Terminal::show(const std::string &page) const
{
    return writeAll(m_fd, page);
}

Terminal::Event Terminal::take()
{
    signalfd_siginfo info{};
    while (m_signals >= 0 && read(m_signals, &info, sizeof info) == ssize_t(sizeof info)) {
        if (info.ssi_signo == SIGTSTP) {
            leave();
            raise(SIGSTOP);
            enter();
            m_resized = true;
        } else if (info.ssi_signo == SIGWINCH) {
            m_resized = true;
        } else {
            m_quit = true;
        }
    }
    if (m_quit)
        return Event::Quit;
    return m_resized ? Event::Resized : Event::Time;
}

Terminal::Event Terminal::wait(Millis timeout)
{
    pollfd sources[] = {{m_signals, POLLIN, 0}, {m_mode ? STDIN_FILENO : -1, POLLIN, 0}};
    const int ready = poll(sources, 2, int(timeout.count()));
    if (ready > 0 && (sources[1].revents & (POLLIN | POLLHUP)) != 0) {
        char key = 0;
        if (read(STDIN_FILENO, &key, 1) != 1 || key == 'q')
            m_quit = true;
        else if (take() == Event::Time)
            m_resized = true; // any other key shows the newest
    }
    const Event event = take();
    m_resized = false;
    return event;
}

bool Terminal::quitAsked()
{
    return take() == Event::Quit;
}

} // namespace keymux
