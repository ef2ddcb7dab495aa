// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/takeoverchannel.h"

#include "app/takeoveraddress.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace keymux {

namespace {

using Kind = TakeoverMessage::Kind;

constexpr std::size_t mostBytes = 16 << 10;
constexpr std::size_t longestReason = 4 << 10;
constexpr std::array<std::string_view, 8> kinds{"hello", "sockets", "lock", "prepared",
                                                "yours", "taken",   "go",   "refused"};

tl::unexpected<Error> systemFailure(const std::string &what)
{
    return failure("takeover_failed", what + ": " + std::strerror(errno));
}

/// Every descriptor that came along, also with a message that turns out to be none.
std::vector<Descriptor> descriptorsOf(msghdr &header)
{
    std::vector<Descriptor> descriptors;
    for (cmsghdr *part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            descriptors.emplace_back(fd);
        }
    }
    return descriptors;
}

} // namespace

Descriptor::Descriptor(Descriptor &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}

Descriptor &Descriptor::operator=(Descriptor &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    return *this;
}

Descriptor::~Descriptor()
{
    if (m_fd >= 0)
        ::close(m_fd);
}

int Descriptor::release()
{
    return std::exchange(m_fd, -1);
}

std::string takeoverSocketPath(const std::string &stateDir)
{
    return stateDir + "/takeover.sock";
}

std::string toText(const TakeoverMessage &message)
{
    nlohmann::ordered_json json{{"keymux_takeover", takeoverProtocol}, {"kind", kinds[std::size_t(message.kind)]}};
    if (message.kind == Kind::Hello)
        json["pid"] = message.pid;
    if (message.kind == Kind::Sockets)
        json["roles"] = message.roles;
    if (message.kind == Kind::Refused)
        json["reason"] = message.reason.substr(0, longestReason);
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<TakeoverMessage> takeoverMessageFrom(std::string_view text)
{
    const auto bad = [] { return failure("bad_message", "the other end said something that is no takeover message"); };
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("keymux_takeover") || !json["keymux_takeover"].is_number_integer() ||
        !json.contains("kind") || !json["kind"].is_string())
        return bad();
    const auto protocol = json["keymux_takeover"].get<std::int64_t>();
    const std::string kind = json["kind"].get<std::string>();
    if (protocol != takeoverProtocol && kind != kinds[std::size_t(Kind::Refused)])
        return failure("other_protocol", "the other end speaks version " + std::to_string(protocol) +
                                             " of the takeover, this one version " + std::to_string(takeoverProtocol));
    TakeoverMessage message;
    const auto known = std::find(kinds.begin(), kinds.end(), kind);
    if (known == kinds.end())
        return bad();
    message.kind = Kind(known - kinds.begin());
    if (const auto pid = json.find("pid"); pid != json.end() && pid->is_number_integer())
        message.pid = pid->get<long>();
    if (const auto reason = json.find("reason"); reason != json.end() && reason->is_string())
        message.reason = reason->get<std::string>();
    if (const auto roles = json.find("roles"); roles != json.end() && roles->is_array()) {
        for (const auto &role : *roles) {
            if (!role.is_string())
                return bad();
            message.roles.push_back(role.get<std::string>());
        }
    }
    return message;
}

Result<std::optional<TakeoverChannel>> TakeoverChannel::connect(const std::string &stateDir)
{
    const std::string path = takeoverSocketPath(stateDir);
    Descriptor fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return systemFailure("cannot make a socket");
    const TakeoverAddress address(stateDir);
    if (::connect(fd.get(), address.get(), address.size()) == 0)
        return std::optional(TakeoverChannel(std::move(fd)));
    if (errno == ENOENT || errno == ECONNREFUSED) // never there, or left behind
        return std::optional<TakeoverChannel>();
    if (errno == EACCES || errno == EPERM)
        return failure("other_user", "the server of " + stateDir +
                                         " is another user's; run keymuxd as that user, as `sudo -u USER` does");
    return systemFailure("cannot reach the running server at " + path);
}

Result<Descriptor> TakeoverChannel::listen(const std::string &stateDir)
{
    const std::string path = takeoverSocketPath(stateDir);
    Descriptor fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return systemFailure("cannot make a socket");
    ::unlink(path.c_str()); // whoever holds the lock on STATE may: nobody else serves there
    // Nobody can connect before listen(), so nobody gets in before the mode is right.
    const TakeoverAddress address(stateDir);
    if (::bind(fd.get(), address.get(), address.size()) != 0 || ::chmod(path.c_str(), 0600) != 0 ||
        ::listen(fd.get(), 4) != 0)
        return systemFailure("cannot listen on " + path);
    return fd;
}

Result<void> TakeoverChannel::send(const TakeoverMessage &message, std::span<const int> lent)
{
    std::string text = toText(message);
    iovec part{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(mostTakeoverDescriptors * sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (text.size() > mostBytes || lent.size() > mostTakeoverDescriptors)
        return failure("takeover_failed", "a message of the takeover is too large");
    if (!lent.empty()) {
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(lent.size_bytes());
        cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(lent.size_bytes());
        std::memcpy(CMSG_DATA(rights), lent.data(), lent.size_bytes());
    }
    if (::sendmsg(m_socket.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
        return {};
    if (errno == EPIPE || errno == ECONNRESET)
        return failure("gone", "the other process has ended");
    return systemFailure("cannot talk to the other process");
}

Result<std::optional<TakeoverMessage>> TakeoverChannel::receive()
{
    std::array<char, mostBytes> text;
    iovec part{text.data(), text.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(mostTakeoverDescriptors * sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    ssize_t size = ::recvmsg(m_socket.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    // Told once, when the other end has closed without reading all; what it said before may still be there.
    if (size < 0 && errno == ECONNRESET)
        size = ::recvmsg(m_socket.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return std::optional<TakeoverMessage>();
    if (size < 0 && errno != ECONNRESET)
        return systemFailure("cannot hear the other process");
    auto descriptors = size < 0 ? std::vector<Descriptor>() : descriptorsOf(header);
    if (size <= 0 && descriptors.empty())
        return failure("gone", "the other process has ended");
    if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        return failure("bad_message", "the other end said more than a takeover message can hold");
    auto message = takeoverMessageFrom({text.data(), std::size_t(size)});
    if (!message)
        return tl::unexpected(message.error());
    message->descriptors = std::move(descriptors);
    return std::optional(std::move(*message));
}

Result<TakeoverMessage> TakeoverChannel::await(Millis atMost)
{
    const auto end = std::chrono::steady_clock::now() + atMost;
    while (true) {
        auto message = receive();
        if (!message)
            return tl::unexpected(message.error());
        if (*message)
            return std::move(**message);
        const auto left = std::chrono::duration_cast<Millis>(end - std::chrono::steady_clock::now());
        if (left <= Millis(0))
            return failure("timeout", "the other process has not answered in time");
        pollfd wanted{m_socket.get(), POLLIN, 0};
        ::poll(&wanted, 1, int(left.count()) + 1);
    }
}

long TakeoverChannel::user() const
{
    ucred peer{};
    socklen_t size = sizeof peer;
    return ::getsockopt(m_socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? long(peer.uid) : -1;
}

} // namespace keymux
