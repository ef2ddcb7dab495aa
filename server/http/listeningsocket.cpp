// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/listeningsocket.h"

#include "http/portholder.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace keymux {

namespace {

constexpr int backlog = 4096;

/// An address for bind().
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

SocketAddress socketAddress(const ListenAddress &address)
{
    SocketAddress result;
    if (address.host.protocol() == QAbstractSocket::IPv6Protocol) {
        auto *v6 = reinterpret_cast<sockaddr_in6 *>(&result.storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        const Q_IPV6ADDR bytes = address.host.toIPv6Address();
        std::memcpy(&v6->sin6_addr, &bytes, sizeof bytes);
        result.size = sizeof *v6;
    } else {
        auto *v4 = reinterpret_cast<sockaddr_in *>(&result.storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address.port);
        v4->sin_addr.s_addr = htonl(address.host.toIPv4Address());
        result.size = sizeof *v4;
    }
    return result;
}

ListenAddress boundAddress(int fd)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    getsockname(fd, reinterpret_cast<sockaddr *>(&storage), &size);
    ListenAddress address;
    if (storage.ss_family == AF_INET6) {
        const auto *v6 = reinterpret_cast<const sockaddr_in6 *>(&storage);
        address.host = QHostAddress(v6->sin6_addr.s6_addr);
        address.port = ntohs(v6->sin6_port);
    } else if (storage.ss_family == AF_INET) {
        const auto *v4 = reinterpret_cast<const sockaddr_in *>(&storage);
        address.host = QHostAddress(ntohl(v4->sin_addr.s_addr));
        address.port = ntohs(v4->sin_port);
    }
    return address;
}

/// A bound socket, or -1 with errno set.
int bindSocket(const ListenAddress &address, bool shared)
{
    const SocketAddress where = socketAddress(address);
    const int fd = socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fd, reinterpret_cast<const sockaddr *>(&where.storage), where.size) == 0)
        return fd;
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

tl::unexpected<Error> cannotListen(const ListenAddress &address, int error)
{
    std::string message = "cannot listen on " + address.toString() + ": " + std::strerror(error);
    if (error == EADDRINUSE) {
        if (const std::string holder = holderOfPort(address.port); !holder.empty())
            message += "; " + holder + " listens there";
        message += ". Stop it, or choose another address with --listen or --admin-listen";
        return failure("address_in_use", message);
    }
    return failure("cannot_listen", message);
}

int socketOption(int fd, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

} // namespace

bool ListenAddress::isServedBy(const ListenAddress &bound) const
{
    return host == bound.host && (port == 0 || port == bound.port);
}

ListeningSocket::ListeningSocket(int fd) : m_fd(fd), m_address(boundAddress(fd)) {}

ListeningSocket::ListeningSocket(ListeningSocket &&other) noexcept
    : m_fd(std::exchange(other.m_fd, -1)), m_address(std::move(other.m_address))
{
}

ListeningSocket &ListeningSocket::operator=(ListeningSocket &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    std::swap(m_address, other.m_address);
    return *this;
}

ListeningSocket::~ListeningSocket()
{
    if (m_fd >= 0)
        close(m_fd);
}

Result<ListeningSocket> ListeningSocket::open(ListenAddress &address, bool shared, bool first)
{
    if (shared && first && address.port != 0) {
        // SO_REUSEPORT would let a second gateway of the same user in beside the first: ask without it whether the port
        // is free.
        const int probe = bindSocket(address, false);
        if (probe < 0)
            return cannotListen(address, errno);
        close(probe);
    }
    const int fd = bindSocket(address, shared);
    if (fd < 0)
        return cannotListen(address, errno);
    ListeningSocket socket(fd);
    if (listen(fd, backlog) != 0)
        return cannotListen(address, errno);
    address.port = socket.address().port;
    return socket;
}

Result<ListeningSocket> ListeningSocket::adopt(int fd)
{
    const int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return failure("bad_socket", "descriptor " + std::to_string(fd) + " is not open");
    ListeningSocket socket(fd);
    const int domain = socketOption(fd, SO_DOMAIN);
    if ((domain != AF_INET && domain != AF_INET6) || socketOption(fd, SO_TYPE) != SOCK_STREAM ||
        socketOption(fd, SO_ACCEPTCONN) != 1)
        return failure("bad_socket", "descriptor " + std::to_string(fd) + " is not a TCP socket that listens");
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return socket;
}

Result<ListeningSocket> ListeningSocket::duplicate() const
{
    const int fd = fcntl(m_fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return failure("cannot_listen", "cannot listen on " + m_address.toString() + ": " + std::strerror(errno));
    return ListeningSocket(fd);
}

int ListeningSocket::release()
{
    return std::exchange(m_fd, -1);
}

} // namespace keymux
