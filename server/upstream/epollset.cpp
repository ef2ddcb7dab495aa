// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/epollset.h"

#include <sys/epoll.h>

namespace keymux {

void EpollSet::watchSocket(int fd, std::uint32_t events, SocketReader *reader)
{
    Watched &watched = m_watched[fd];
    watched.reader = reader;
    watched.wanted = events;
    if (events == 0 || events == watched.told)
        return;
    epoll_event event{};
    event.events = events;
    event.data.u64 = std::uint64_t(m_mark) << 32 | std::uint32_t(fd);
    epoll_ctl(m_epoll, watched.told != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    watched.told = events;
}

void EpollSet::releaseSocket(int fd)
{
    const auto it = m_watched.find(fd);
    if (it == m_watched.end())
        return;
    if (it->second.told != 0)
        epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, nullptr);
    m_watched.erase(it);
}

void EpollSet::dispatch(int fd, std::uint32_t events)
{
    const auto it = m_watched.find(fd);
    if (it == m_watched.end())
        return; // released by a handler of the same turn
    Watched &watched = it->second;
    if ((events & (watched.wanted | (watched.wanted != 0 ? EPOLLHUP | EPOLLERR : 0U))) != 0) {
        watched.reader->socketReady(fd, events);
        return;
    }
    epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, nullptr);
    watched.told = 0;
    // Wanted for something else than what came: the kernel is asked for just that.
    if (const std::uint32_t wanted = watched.wanted; wanted != 0)
        watchSocket(fd, wanted, watched.reader);
}

} // namespace keymux
