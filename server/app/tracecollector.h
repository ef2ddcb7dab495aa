// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gateway/requesttraces.h"

#include <functional>
#include <memory>
#include <vector>

namespace keymux {

/// Brings what became of requests from the workers to those on the main thread who count, store and show it.
class TraceCollector {
public:
    using Reader = std::function<void(const RequestTrace &)>;

    /// For one worker; may outlive the collector.
    std::shared_ptr<RequestTraces> addQueue();
    /// Called for every trace, in the order readers were added. Before the first collect().
    void addReader(Reader reader) { m_readers.push_back(std::move(reader)); }

    /// Hands every trace that is waiting to every reader: on each tick, and before an answer that must know of requests
    /// that have just ended. Main thread.
    void collect();
    /// Traces that found no place since the start.
    std::uint64_t lost() const { return m_lost; }

private:
    std::uint64_t m_lost = 0;
    std::vector<std::shared_ptr<RequestTraces>> m_queues;
    std::vector<Reader> m_readers;
};

} // namespace keymux
