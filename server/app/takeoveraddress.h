// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <sys/socket.h>
#include <sys/un.h>

namespace keymux {

/// STATE/takeover.sock as an address for bind() and connect(), which take at most 107 bytes: a longer path goes by way
/// of an open directory. Valid while this lives.
class TakeoverAddress {
public:
    explicit TakeoverAddress(const std::string &stateDir);
    ~TakeoverAddress();
    TakeoverAddress(const TakeoverAddress &) = delete;
    TakeoverAddress &operator=(const TakeoverAddress &) = delete;

    const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&m_address); }
    socklen_t size() const { return sizeof m_address; }

private:
    sockaddr_un m_address{};
    int m_directory = -1;
};

} // namespace keymux
