// SPDX-License-Identifier: GPL-3.0-or-later
// Making way for a successor, and counting in what a predecessor finishes.
#include "app/server.h"
#include "log/log.h"

#include <algorithm>
#include <utility>

namespace keymux {

namespace {

/// How long a connection may stay quiet before it is closed, where its next request is to go to the successor.
constexpr Millis quietAfterTakeover{5000};

} // namespace

void Server::offerTakeover()
{
    TakeoverOffer::Steps steps;
    steps.sockets = [this] {
        std::vector<std::pair<std::string, int>> sockets;
        for (const ListeningSocket &socket : m_setup.sockets.client)
            sockets.emplace_back("client", socket.fd());
        sockets.emplace_back("admin", m_setup.sockets.admin->fd());
        return sockets;
    };
    steps.lock = [this] { return m_setup.lock->fd(); };
    steps.pause = [this] { return pauseForSuccessor(); };
    steps.resume = [this] { resumeWithoutSuccessor(); };
    steps.retire = [this](long pid) { retire(pid); };
    m_takeover = std::make_unique<TakeoverOffer>(m_setup.stateDir, std::move(steps), TakeoverOffer::Patience{});
    if (auto listening = m_takeover->listen(); !listening) {
        qCWarning(lcServer, "no other server can take over from this one: %s", listening.error().message.c_str());
        m_takeover.reset();
    }
}

/// What runs goes on, and new connections wait in the kernel. All that a restart would find is stored.
Result<void> Server::pauseForSuccessor()
{
    for (const auto &worker : m_workers)
        worker->pauseAccepting();
    m_adminListener->pauseAccepting();
    const TimePoint now = m_clock.now();
    m_traces.collect();
    takeLateReports(now);
    store(now);
    if (m_usageInMemory || m_poolKeeper.failing())
        return failure("store_failed", "what it knows cannot be written down; see its log");
    m_handingOver = true;
    return m_late.begin(now);
}

void Server::resumeWithoutSuccessor()
{
    if (std::exchange(m_handingOver, false))
        m_late.cancel();
    for (const auto &worker : m_workers)
        worker->resumeAccepting();
    m_adminListener->resumeAccepting();
}

void Server::retire(long successor)
{
    m_handingOver = false;
    m_draining = true;
    m_successor = successor;
    qCInfo(lcServer, "process %ld has taken over: finishing %d requests and %d connections", successor,
           m_counts.running.load(), m_openConnections->load());
    m_liveFeed->close();
    m_setup.sockets = {};
    const Millis quiet = std::min(quietAfterTakeover, config().server.drainTimeout / 2);
    for (const auto &worker : m_workers)
        worker->retire(quiet);
    m_adminListener->retire(quiet);
    m_setup.lock.reset();
    m_drainUntil = m_clock.now() + config().server.drainTimeout;
    m_drain.start(Millis(10));
}

void Server::takeLateReports(TimePoint now)
{
    if (!m_late.take(now))
        return;
    storeUsage();
    m_poolKeeper.store(now);
    applyOverrides(); // one of the last requests there may have changed them
}

} // namespace keymux
