// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/notifierpoller.h"

#include <array>
#include <sys/epoll.h>
#include <unistd.h>

namespace keymux {

NotifierPoller::NotifierPoller()
    : m_epoll(epoll_create1(EPOLL_CLOEXEC)), m_set(m_epoll, 0), m_notifier(m_epoll, QSocketNotifier::Read)
{
    QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier, [this] { readReady(); });
}

NotifierPoller::~NotifierPoller()
{
    m_notifier.setEnabled(false);
    close(m_epoll);
}

void NotifierPoller::watchSocket(int fd, std::uint32_t events, SocketReader *reader)
{
    m_set.watchSocket(fd, events, reader);
}

void NotifierPoller::readReady()
{
    std::array<epoll_event, 128> ready;
    const int count = epoll_wait(m_epoll, ready.data(), int(ready.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = ready[std::size_t(i)];
        m_set.dispatch(int(event.data.u64 & 0xffffffff), event.events);
    }
}

} // namespace keymux
