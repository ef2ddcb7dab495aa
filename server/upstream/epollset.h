// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "upstream/socketpoller.h"

#include <unordered_map>

namespace keymux {

/// Descriptors in an epoll set, each with what is wanted of it and what the kernel was told, so that the kernel is
/// told no more than it must be. It owns no descriptor and does not wait.
class EpollSet : public SocketPoller {
public:
    /// `epoll` is the set's descriptor. What the set puts into an event's data has `mark` in its upper half.
    EpollSet(int epoll, std::uint32_t mark) : m_epoll(epoll), m_mark(mark) {}

    void watchSocket(int fd, std::uint32_t events, SocketReader *reader) override;
    void releaseSocket(int fd) override;

    /// Hands an event of the set to whoever wants it; takes a descriptor nobody waits for out of the set.
    void dispatch(int fd, std::uint32_t events);

private:
    struct Watched {
        SocketReader *reader = nullptr;
        std::uint32_t wanted = 0, told = 0;
    };

    int m_epoll;
    std::uint32_t m_mark;
    std::unordered_map<int, Watched> m_watched;
};

} // namespace keymux
