// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/serversockets.h"
#include "app/takeoverchannel.h"
#include "store/statelock.h"

#include <memory>
#include <optional>

namespace keymux {

/// The successor's side of a takeover, step by step at its start, before its event loop runs: each waits for the
/// running server's answer. A running server that dies meanwhile leaves all to the successor; one that refuses ends it.
class TakeoverClaim {
public:
    /// Asks the running server for its sockets and the lock; absent when there is none. Errors name the remedy.
    static Result<std::unique_ptr<TakeoverClaim>> ask(const std::string &stateDir);

    StateLock &lock() { return *m_lock; }
    std::vector<NamedSocket> takeSockets() { return std::move(m_sockets); }

    /// All is ready but what the running server still knows alone: gives back when that is written down.
    Result<void> prepared();
    /// That is taken up: gives back when the running server has let go.
    Result<void> taken();

private:
    explicit TakeoverClaim(TakeoverChannel channel) : m_channel(std::move(channel)) {}
    Result<void> collect(const std::string &stateDir);
    Result<void> step(TakeoverMessage::Kind said, TakeoverMessage::Kind answer);

    TakeoverChannel m_channel;
    std::optional<StateLock> m_lock;
    std::vector<NamedSocket> m_sockets;
    bool m_alone = false; ///< the running server has died
};

} // namespace keymux
