// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/eventthread.h"
#include "gateway/clientapi.h"
#include "gateway/workerstate.h"
#include "http/listener.h"

#include <functional>
#include <memory>
#include <vector>

namespace keymux {

/// One thread that serves clients: its own event loop, listener and curl handle. All calls from the main thread.
class Worker {
public:
    Worker(SharedPool &pool, SharedKeys &keys, const SystemClock &clock, ServerCounts &counts,
           std::shared_ptr<RequestTraces> traces, int number);
    /// Cuts what still runs.
    ~Worker();

    /// Before listen() and whenever they change.
    void setPool(std::shared_ptr<const ActivePool> pool);
    void setVirtualKeys(std::shared_ptr<const VirtualKeyTable> keys);

    /// Will accept from these sockets, from the first resumeAccepting() on. With `tls` no connection is ever taken
    /// without it.
    Result<void> listen(std::vector<ListeningSocket> sockets, const std::shared_ptr<std::atomic<int>> &openConnections,
                        const std::optional<TlsFiles> &tls);
    Result<void> setTls(const TlsFiles &files);
    void setDraining();
    /// See Listener::stopAccepting().
    void stopAccepting();
    /// See Listener::awaitedRequests().
    int awaitedRequests();
    void pauseAccepting();
    void resumeAccepting();
    /// See Listener::retire().
    void retire(Millis idle);

private:
    struct Inside;
    void wait(const std::function<void(Inside &)> &work);
    void post(std::function<void(Inside &)> work);

    std::unique_ptr<Inside> m_inside; ///< made and used in the thread alone
    EventThread m_thread;
};

/// What a listener puts up with, as the config says.
ListenerLimits limitsOf(const ServerOptions &options);

} // namespace keymux
