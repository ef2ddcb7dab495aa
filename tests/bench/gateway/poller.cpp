// SPDX-License-Identifier: GPL-3.0-or-later
#include "poller.h"

#include <arpa/inet.h>
#include <array>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keymux::bench {

namespace {

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

} // namespace

Poller::~Poller()
{
    ::close(m_fd);
}

void Poller::control(int what, int fd, std::uint64_t tag, std::uint32_t events) const
{
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    epoll_ctl(m_fd, what, fd, &event);
}

void Poller::wait(int timeoutMs, const std::function<void(std::uint64_t, std::uint32_t)> &ready) const
{
    std::array<epoll_event, 256> events;
    const int count = epoll_wait(m_fd, events.data(), int(events.size()), timeoutMs);
    for (int i = 0; i < count; ++i)
        ready(events[std::size_t(i)].data.u64, events[std::size_t(i)].events);
}

void makeReady(int fd)
{
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int connectTo(std::uint16_t port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
        ::close(fd);
        return -1;
    }
    makeReady(fd);
    return fd;
}

int listenLocally()
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const sockaddr_in address = loopback(0);
    if (bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 || listen(fd, 4096) != 0) {
        ::close(fd);
        return -1;
    }
    return fd;
}

std::uint16_t portOf(int fd)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size);
    return ntohs(address.sin_port);
}

std::uint16_t freePort()
{
    const int fd = listenLocally();
    const std::uint16_t port = portOf(fd);
    ::close(fd);
    return port;
}

void raiseDescriptorLimit()
{
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace keymux::bench
