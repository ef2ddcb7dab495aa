// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "upstream/epollset.h"

#include <QSocketNotifier>

namespace keymux {

/// Watches descriptors from any Qt event loop: an epoll set with a single notifier on it.
class NotifierPoller : public SocketPoller {
public:
    NotifierPoller();
    ~NotifierPoller() override;

    void watchSocket(int fd, std::uint32_t events, SocketReader *reader) override;
    void releaseSocket(int fd) override { m_set.releaseSocket(fd); }

private:
    void readReady();

    int m_epoll;
    EpollSet m_set;
    QSocketNotifier m_notifier;
};

} // namespace keymux
