// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"

#include <QHostAddress>
#include <string>
#include <string_view>

namespace keymux {

/// Where a listener is, or is to be.
struct ListenAddress {
    QHostAddress host;
    quint16 port = 0; ///< 0: a free one, chosen when it is bound

    /// Reads `127.0.0.1:4000`, `[::1]:4000`, `localhost:4000`, `:4000` (any address).
    static Result<ListenAddress> parse(std::string_view text);
    std::string toString() const;
    /// Whether who asks for this address is served by a socket that is bound to that one; port 0 asks for any.
    bool isServedBy(const ListenAddress &bound) const;

    bool operator==(const ListenAddress &) const = default;
};

/// A TCP socket that listens, or will: of our own making or handed to us. Owns the descriptor, which no program that is
/// started inherits.
class ListeningSocket {
public:
    /// Binds, with SO_REUSEPORT when `shared` (the `first` of those that share makes sure that nobody else is there),
    /// and listens: from here on the kernel keeps connections for us. Fills in the port when it was 0. Error
    /// `address_in_use` names the address and, where it can be found out, the process that holds it.
    static Result<ListeningSocket> open(ListenAddress &address, bool shared, bool first = true);
    /// Takes a descriptor over, also when it fails: then it is closed. Error `bad_socket` when it is no TCP socket that
    /// listens.
    static Result<ListeningSocket> adopt(int fd);

    ListeningSocket(ListeningSocket &&other) noexcept;
    ListeningSocket &operator=(ListeningSocket &&other) noexcept;
    ~ListeningSocket();

    /// Another descriptor of the same socket: who accepts on either takes from the same queue.
    Result<ListeningSocket> duplicate() const;
    const ListenAddress &address() const { return m_address; }
    int fd() const { return m_fd; }
    /// Gives the descriptor away.
    int release();

private:
    explicit ListeningSocket(int fd);

    int m_fd = -1;
    ListenAddress m_address;
};

} // namespace keymux
