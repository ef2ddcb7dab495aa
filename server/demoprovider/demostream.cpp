// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demostream.h"

#include <chrono>

namespace keymux {

namespace {

/// About as fast as a quick model writes.
constexpr std::chrono::milliseconds wordPace{25};

} // namespace

DemoStream::DemoStream(std::unique_ptr<HttpExchange> exchange, std::vector<std::string> events, QObject *parent)
    : QObject(parent), m_exchange(std::move(exchange)), m_events(std::move(events))
{
    connect(m_exchange.get(), &HttpExchange::clientGone, this, [this] {
        m_timer.stop();
        deleteLater();
    });
    connect(&m_timer, &QTimer::timeout, this, &DemoStream::sendNext);
    m_exchange->sendHead(200, {{"content-type", "text/event-stream"}, {"cache-control", "no-cache"}}, std::nullopt);
    m_timer.start(wordPace);
    sendNext();
}

void DemoStream::sendNext()
{
    m_exchange->sendBody(m_events[m_next]);
    if (++m_next < m_events.size())
        return;
    m_timer.stop();
    m_exchange->finish();
    deleteLater();
}

} // namespace keymux
