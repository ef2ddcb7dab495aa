// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <sys/epoll.h>

namespace keymux::bench {

/// An epoll set; owns its descriptor.
class Poller {
public:
    Poller() : m_fd(epoll_create1(EPOLL_CLOEXEC)) {}
    ~Poller();
    Poller(const Poller &) = delete;
    Poller &operator=(const Poller &) = delete;

    void add(int fd, std::uint64_t tag, std::uint32_t events = EPOLLIN) { control(EPOLL_CTL_ADD, fd, tag, events); }
    void change(int fd, std::uint64_t tag, std::uint32_t events) { control(EPOLL_CTL_MOD, fd, tag, events); }
    /// Waits at most so many milliseconds (-1: without end), then calls for each descriptor that is ready.
    void wait(int timeoutMs, const std::function<void(std::uint64_t tag, std::uint32_t events)> &ready) const;

private:
    void control(int what, int fd, std::uint64_t tag, std::uint32_t events) const;
    int m_fd;
};

/// A connected, non-blocking loopback socket without Nagle's delay, or -1.
int connectTo(std::uint16_t port);
/// A listening, non-blocking loopback socket on a free port, or -1.
int listenLocally();
std::uint16_t portOf(int fd);
/// A port that was free a moment ago.
std::uint16_t freePort();
void makeReady(int fd);
/// Lets this process have as many descriptors as the system allows.
void raiseDescriptorLimit();

} // namespace keymux::bench
