// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "clock/systemclock.h"
#include "core/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// A file descriptor and the duty to close it.
class Descriptor {
public:
    explicit Descriptor(int fd = -1) : m_fd(fd) {}
    Descriptor(Descriptor &&other) noexcept;
    Descriptor &operator=(Descriptor &&other) noexcept;
    ~Descriptor();

    int get() const { return m_fd; }
    int release();
    explicit operator bool() const { return m_fd >= 0; }

private:
    int m_fd;
};

/// What the running server and its successor say to each other, in this order: `hello`; `sockets` (as often as it
/// takes) and `lock`; `prepared`; `yours`; `taken`; `go`. The first, `prepared` and `taken` are the successor's. Until
/// `go` the running server may say `refused` at any time, and nothing has changed hands then.
struct TakeoverMessage {
    enum class Kind { Hello, Sockets, Lock, Prepared, Yours, Taken, Go, Refused };
    Kind kind = Kind::Hello;
    long pid = 0;                     ///< with `hello`
    std::vector<std::string> roles{}; ///< with `sockets`: `client` or `admin`, one for each descriptor
    std::string reason{};             ///< with `refused`: a sentence for people
    std::vector<Descriptor> descriptors{};
};

/// What this program speaks; another version's `refused` alone is understood.
constexpr int takeoverProtocol = 1;
constexpr std::size_t mostTakeoverDescriptors = 64; ///< in one message

/// One end of the talk, over a Unix socket that keeps messages apart. A message has at most 16 KiB; whatever else comes
/// in is an error, and its descriptors are closed.
class TakeoverChannel {
public:
    explicit TakeoverChannel(Descriptor socket) : m_socket(std::move(socket)) {}

    /// The server of that state; absent when none listens. Errors: `other_user`, `takeover_failed`.
    static Result<std::optional<TakeoverChannel>> connect(const std::string &stateDir);
    /// STATE/takeover.sock for others to connect to, 0600, in place of one that is left there.
    static Result<Descriptor> listen(const std::string &stateDir);

    /// Never waits. `lent` are passed along and stay ours. Error `gone` when the other end is not there any more.
    Result<void> send(const TakeoverMessage &message, std::span<const int> lent = {});
    /// The next message; absent when none is there yet. Errors: `gone`, `bad_message`, `other_protocol`.
    Result<std::optional<TakeoverMessage>> receive();
    /// The same, and waits for it. Error `timeout`.
    Result<TakeoverMessage> await(Millis atMost);
    /// The user at the other end; -1 when it cannot be known.
    long user() const;
    int fd() const { return m_socket.get(); }

private:
    Descriptor m_socket;
};

/// As it is sent, and back. Errors `bad_message`, `other_protocol`.
std::string toText(const TakeoverMessage &message);
Result<TakeoverMessage> takeoverMessageFrom(std::string_view text);

/// STATE/takeover.sock.
std::string takeoverSocketPath(const std::string &stateDir);

} // namespace keymux
