// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/tracecollector.h"

#include "log/log.h"

namespace keymux {

std::shared_ptr<RequestTraces> TraceCollector::addQueue()
{
    m_queues.push_back(std::make_shared<RequestTraces>());
    return m_queues.back();
}

void TraceCollector::collect()
{
    for (const auto &queue : m_queues) {
        const RequestTraces::Taken taken = queue->take();
        for (const RequestTrace &trace : taken.traces) {
            for (const Reader &reader : m_readers)
                reader(trace);
        }
        m_lost += taken.lost;
        if (taken.lost > 0)
            qCWarning(lcServer, "usage and metrics miss %llu requests: they ended faster than they could be counted",
                      static_cast<unsigned long long>(taken.lost));
    }
}

} // namespace keymux
