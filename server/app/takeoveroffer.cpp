// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/takeoveroffer.h"

#include "log/log.h"

#include <algorithm>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace keymux {

using Kind = TakeoverMessage::Kind;

TakeoverOffer::TakeoverOffer(std::string stateDir, Steps steps, Patience patience, QObject *parent)
    : QObject(parent), m_stateDir(std::move(stateDir)), m_steps(std::move(steps)), m_patience(patience)
{
    m_limit.setSingleShot(true);
    connect(&m_limit, &QTimer::timeout, this, [this] { refuse("it has taken too long"); });
}

TakeoverOffer::~TakeoverOffer()
{
    if (m_successor)
        refuse("the running server is being stopped; start anew when it has ended");
    if (m_listening)
        ::unlink(takeoverSocketPath(m_stateDir).c_str());
}

Result<void> TakeoverOffer::listen()
{
    auto socket = TakeoverChannel::listen(m_stateDir);
    if (!socket)
        return tl::unexpected(socket.error());
    m_listening = std::move(*socket);
    m_arrivals = std::make_unique<QSocketNotifier>(m_listening.get(), QSocketNotifier::Read);
    connect(m_arrivals.get(), &QSocketNotifier::activated, this, &TakeoverOffer::accept);
    return {};
}

void TakeoverOffer::accept()
{
    Descriptor fd(::accept4(m_listening.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd)
        return;
    TakeoverChannel arrived(std::move(fd));
    const auto turnAway = [&](const std::string &reason) {
        qCWarning(lcServer, "a takeover was refused: %s", reason.c_str());
        // Whether it hears of it is its own affair.
        (void)arrived.send({.kind = Kind::Refused, .reason = reason});
    };
    if (arrived.user() != long(::getuid())) {
        turnAway("the running server is user " + std::to_string(::getuid()) + "'s; run keymuxd as that user");
        return;
    }
    read(); // the one before may have gone, which its own signal has yet to tell
    if (m_successor) {
        turnAway("process " + std::to_string(m_successorPid) + " is taking over already; try again when it has");
        return;
    }
    m_successor = std::make_unique<TakeoverChannel>(std::move(arrived));
    m_news = std::make_unique<QSocketNotifier>(m_successor->fd(), QSocketNotifier::Read);
    connect(m_news.get(), &QSocketNotifier::activated, this, &TakeoverOffer::read);
    awaitNext(Stage::Hello, m_patience.hello);
}

void TakeoverOffer::awaitNext(Stage stage, Millis atMost)
{
    m_stage = stage;
    m_limit.start(atMost);
}

void TakeoverOffer::read()
{
    if (!m_successor)
        return;
    auto message = m_successor->receive();
    if (!message) {
        const bool other = message.error().code == "other_protocol";
        refuse(message.error().message + (other ? "; stop this server, and start the other without --takeover" : ""));
        return;
    }
    if (*message)
        take(**message);
}

void TakeoverOffer::take(const TakeoverMessage &message)
{
    static constexpr Kind expected[] = {Kind::Hello, Kind::Prepared, Kind::Taken};
    if (message.kind != expected[std::size_t(m_stage)] || !message.descriptors.empty()) {
        refuse("it said something out of turn");
        return;
    }
    Result<void> done;
    switch (m_stage) {
    case Stage::Hello:
        m_successorPid = message.pid;
        qCInfo(lcServer, "process %ld asks to take over", m_successorPid);
        done = offer();
        awaitNext(Stage::Prepared, m_patience.prepared);
        break;
    case Stage::Prepared:
        m_paused = true;
        done = m_steps.pause();
        if (done)
            done = m_successor->send({.kind = Kind::Yours});
        awaitNext(Stage::Taken, m_patience.taken);
        break;
    case Stage::Taken:
        handOver();
        return;
    }
    if (!done)
        refuse(done.error().message);
}

Result<void> TakeoverOffer::offer()
{
    const auto sockets = m_steps.sockets();
    for (std::size_t i = 0; i < sockets.size(); i += mostTakeoverDescriptors) {
        TakeoverMessage message{.kind = Kind::Sockets};
        std::vector<int> lent;
        for (std::size_t j = i; j < std::min(i + mostTakeoverDescriptors, sockets.size()); ++j) {
            message.roles.push_back(sockets[j].first);
            lent.push_back(sockets[j].second);
        }
        if (auto sent = m_successor->send(message, lent); !sent)
            return sent;
    }
    const int lock = m_steps.lock();
    return m_successor->send({.kind = Kind::Lock}, {&lock, 1});
}

/// Everything stays ours, and the successor is told.
void TakeoverOffer::refuse(const std::string &reason)
{
    qCWarning(lcServer, "the takeover by process %ld came to nothing, and this server goes on: %s", m_successorPid,
              reason.c_str());
    (void)m_successor->send({.kind = Kind::Refused, .reason = reason});
    end();
    if (std::exchange(m_paused, false))
        m_steps.resume();
}

void TakeoverOffer::end()
{
    m_limit.stop();
    // Its own signal may be on the stack.
    if (m_news) {
        m_news->setEnabled(false);
        m_news.release()->deleteLater();
    }
    m_successor.reset();
    m_successorPid = 0;
}

/// From here on everything is the successor's. It is told last: when it accepts, nothing here does.
void TakeoverOffer::handOver()
{
    const long pid = m_successorPid;
    const std::unique_ptr<TakeoverChannel> successor = std::move(m_successor);
    m_arrivals.reset();
    m_listening = Descriptor();
    ::unlink(takeoverSocketPath(m_stateDir).c_str());
    m_steps.retire(pid);
    // Should it not hear this, it finds that this process has let go, and begins all the same.
    (void)successor->send({.kind = Kind::Go});
    end();
}

} // namespace keymux
