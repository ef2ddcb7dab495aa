// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/takeoverclaim.h"

#include "log/log.h"

#include <unistd.h>

namespace keymux {

using Kind = TakeoverMessage::Kind;

namespace {

/// Longer than the running server waits for us, so that it is the one that decides.
constexpr Millis patience{30000};

tl::unexpected<Error> refused(const std::string &reason)
{
    return failure("takeover_refused", "the running server goes on: " + reason);
}

tl::unexpected<Error> noTakeover(const Error &error)
{
    return failure(error.code, "cannot take over from the running server: " + error.message +
                                   "; stop it and start this one without --takeover");
}

} // namespace

Result<std::unique_ptr<TakeoverClaim>> TakeoverClaim::ask(const std::string &stateDir)
{
    auto channel = TakeoverChannel::connect(stateDir);
    if (!channel)
        return tl::unexpected(channel.error());
    if (!*channel)
        return std::unique_ptr<TakeoverClaim>();
    if ((*channel)->user() != long(::getuid()))
        return failure("other_user", "the server of " + stateDir + " is user " + std::to_string((*channel)->user()) +
                                         "'s; run keymuxd as that user");
    std::unique_ptr<TakeoverClaim> claim(new TakeoverClaim(std::move(**channel)));
    if (auto collected = claim->collect(stateDir); !collected)
        return tl::unexpected(collected.error());
    return claim;
}

Result<void> TakeoverClaim::collect(const std::string &stateDir)
{
    // Who is refused at the door finds it closed; why is there to be read all the same.
    (void)m_channel.send({.kind = Kind::Hello, .pid = long(::getpid())});
    while (!m_lock) {
        auto message = m_channel.await(patience);
        if (!message)
            return noTakeover(message.error());
        if (message->kind == Kind::Refused)
            return refused(message->reason);
        const bool sockets = message->kind == Kind::Sockets && message->descriptors.size() == message->roles.size();
        const bool lock = message->kind == Kind::Lock && message->descriptors.size() == 1;
        if (!sockets && !lock)
            return noTakeover({"bad_message", "it said something out of turn"});
        for (std::size_t i = 0; sockets && i < message->roles.size(); ++i) {
            auto socket = ListeningSocket::adopt(message->descriptors[i].release());
            if (!socket)
                return noTakeover(socket.error());
            m_sockets.push_back({std::move(*socket), message->roles[i]});
        }
        if (lock) {
            auto adopted = StateLock::adopt(message->descriptors.front().release(), stateDir);
            if (!adopted)
                return noTakeover(adopted.error());
            m_lock = std::move(*adopted);
        }
    }
    return {};
}

Result<void> TakeoverClaim::prepared()
{
    return step(Kind::Prepared, Kind::Yours);
}

Result<void> TakeoverClaim::taken()
{
    return step(Kind::Taken, Kind::Go);
}

Result<void> TakeoverClaim::step(Kind said, Kind answer)
{
    if (m_alone)
        return {};
    (void)m_channel.send({.kind = said}); // as there
    auto message = m_channel.await(patience);
    if (message && message->kind == answer)
        return {};
    if (message && message->kind == Kind::Refused)
        return refused(message->reason);
    const std::string code = message ? "bad_message" : message.error().code;
    if (code == "gone") {
        qCWarning(lcServer, "the running server has ended while it handed over; this one serves alone");
        m_alone = true;
        return {};
    }
    return noTakeover(message ? Error{code, "it said something out of turn"} : message.error());
}

} // namespace keymux
