// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/httpexchange.h"

#include <QTimer>
#include <memory>
#include <string>
#include <vector>

namespace keymux {

/// One streamed answer, a word at a time. Deletes itself when it is told or its reader has left.
class DemoStream : public QObject {
    Q_OBJECT

public:
    DemoStream(std::unique_ptr<HttpExchange> exchange, std::vector<std::string> events, QObject *parent);

private:
    void sendNext();

    std::unique_ptr<HttpExchange> m_exchange;
    std::vector<std::string> m_events;
    std::size_t m_next = 0;
    QTimer m_timer;
};

} // namespace keymux
