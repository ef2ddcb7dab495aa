// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/socket.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace keymux::testing {

namespace {

int millisUntil(Moment deadline)
{
    const auto left = std::chrono::ceil<Ms>(deadline - Clock::now()).count();
    return int(std::clamp<std::int64_t>(left, 0, 1000000));
}

sockaddr_in loopback(const std::string &host, std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &address.sin_addr);
    return address;
}

} // namespace

Socket &Socket::operator=(Socket &&other) noexcept
{
    if (this != &other) {
        close();
        m_fd = other.release();
    }
    return *this;
}

Socket Socket::listening()
{
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback("127.0.0.1", 0);
    if (bind(socket.fd(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        ::listen(socket.fd(), 4096) != 0)
        return {};
    return socket;
}

Socket Socket::connected(const std::string &host, std::uint16_t port, int receiveBuffer)
{
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (receiveBuffer > 0)
        setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
    const sockaddr_in address = loopback(host, port);
    if (::connect(socket.fd(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return {};
    const int on = 1;
    setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(socket.fd(), F_SETFL, fcntl(socket.fd(), F_GETFL) | O_NONBLOCK);
    return socket;
}

int Socket::release()
{
    return std::exchange(m_fd, -1);
}

void Socket::close()
{
    if (m_fd >= 0)
        ::close(std::exchange(m_fd, -1));
}

void Socket::reset()
{
    const linger hard{1, 0};
    setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
}

void Socket::shutdownWrite()
{
    ::shutdown(m_fd, SHUT_WR);
}

std::uint16_t Socket::port() const
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(m_fd, reinterpret_cast<sockaddr *>(&address), &size);
    return ntohs(address.sin_port);
}

Socket::Wait Socket::waitFor(bool write, Moment deadline, int stopFd) const
{
    for (;;) {
        pollfd fds[2] = {{m_fd, short(write ? POLLOUT : POLLIN), 0}, {stopFd, POLLIN, 0}};
        const int n = poll(fds, stopFd >= 0 ? 2 : 1, millisUntil(deadline));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return Wait::Failed;
        if (stopFd >= 0 && (fds[1].revents & POLLIN) != 0)
            return Wait::Stopped;
        if (n > 0)
            return Wait::Ready;
        if (Clock::now() >= deadline)
            return Wait::TimedOut;
    }
}

Socket::Got Socket::receive(std::string &into, Moment deadline, int stopFd, std::size_t atMost)
{
    for (;;) {
        switch (waitFor(false, deadline, stopFd)) {
        case Wait::Ready:
            break;
        case Wait::Stopped:
            return Got::Stopped;
        case Wait::TimedOut:
            return Got::TimedOut;
        case Wait::Failed:
            return Got::Failed;
        }
        const std::size_t before = into.size();
        into.resize(before + atMost);
        const ssize_t n = ::recv(m_fd, into.data() + before, atMost, 0);
        into.resize(before + std::size_t(std::max<ssize_t>(n, 0)));
        if (n > 0)
            return Got::Bytes;
        if (n == 0)
            return Got::Closed;
        if (errno != EAGAIN && errno != EINTR)
            return Got::Failed;
    }
}

std::size_t Socket::send(std::string_view bytes, Moment deadline, int stopFd)
{
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t n = ::send(m_fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n >= 0) {
            sent += std::size_t(n);
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN || waitFor(true, deadline, stopFd) != Wait::Ready)
            break;
    }
    return sent;
}

bool Socket::peerClosed() const
{
    char byte = 0;
    const ssize_t n = ::recv(m_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

} // namespace keymux::testing
