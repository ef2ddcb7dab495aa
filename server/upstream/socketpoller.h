// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace keymux {

/// Hears that a descriptor is ready.
class SocketReader {
public:
    virtual ~SocketReader() = default;
    /// `events` as epoll tells them.
    virtual void socketReady(int fd, std::uint32_t events) = 0;
};

/// Watches descriptors for somebody who does without a notifier object for each. Used in one thread.
class SocketPoller {
public:
    virtual ~SocketPoller() = default;
    /// Waits for these epoll events, in place of those before. With 0 nothing is reported any more, yet the descriptor
    /// may stay with the kernel as it is: a connection that will soon be used again then costs no system call.
    virtual void watchSocket(int fd, std::uint32_t events, SocketReader *reader) = 0;
    /// Must be called before the descriptor is closed: its number may be another's at once.
    virtual void releaseSocket(int fd) = 0;
};

} // namespace keymux
