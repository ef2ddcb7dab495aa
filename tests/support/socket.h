// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace keymux::testing {

using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;
using Ms = std::chrono::milliseconds;

/// A blocking TCP socket with deadlines; owns its descriptor.
class Socket {
public:
    Socket() = default;
    explicit Socket(int fd) : m_fd(fd) {}
    Socket(Socket &&other) noexcept : m_fd(other.release()) {}
    Socket &operator=(Socket &&other) noexcept;
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;
    ~Socket() { close(); }

    /// A listening socket on a free loopback port.
    static Socket listening();
    /// A connected socket, or an invalid one. `receiveBuffer` in bytes; 0 leaves the kernel's choice.
    static Socket connected(const std::string &host, std::uint16_t port, int receiveBuffer = 0);

    bool valid() const { return m_fd >= 0; }
    int fd() const { return m_fd; }
    int release();
    void close();
    /// Closes so that the peer sees a reset.
    void reset();
    /// Says that nothing more will be sent; reading goes on.
    void shutdownWrite();
    std::uint16_t port() const;

    enum class Wait : std::uint8_t { Ready, Stopped, TimedOut, Failed };
    /// Waits until the socket can be read (or written); `stopFd` ends the wait early when it becomes readable.
    Wait waitFor(bool write, Moment deadline, int stopFd = -1) const;

    enum class Got : std::uint8_t { Bytes, Closed, TimedOut, Stopped, Failed };
    /// Appends what there is to `into`, waiting for the first byte.
    Got receive(std::string &into, Moment deadline, int stopFd = -1, std::size_t atMost = 64 << 10);
    /// Sends all, or as much as can be sent until the deadline; the number of bytes sent.
    std::size_t send(std::string_view bytes, Moment deadline, int stopFd = -1);
    /// True when the peer has closed or reset, without taking bytes away.
    bool peerClosed() const;

private:
    int m_fd = -1;
};

} // namespace keymux::testing
