// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/worker.h"

namespace keymux {

struct Worker::Inside {
    Inside(SharedPool &pool, SharedKeys &keys, const SystemClock &clock, ServerCounts &counts,
           std::shared_ptr<RequestTraces> traces)
        : state(pool, keys, clock, counts, std::move(traces)), api(state)
    {
    }

    WorkerState state;
    ClientApi api; ///< owns the running requests, which use the state and live in the listener's connections
    std::unique_ptr<Listener> listener;
};

ListenerLimits limitsOf(const ServerOptions &options)
{
    return {.maxHeaderBytes = options.maxHeaderBytes,
            .maxBodyBytes = options.maxBodyBytes,
            .maxConnections = options.maxConnections,
            .headerTimeout = options.headerTimeout,
            .idleTimeout = options.idleTimeout};
}

Worker::Worker(SharedPool &pool, SharedKeys &keys, const SystemClock &clock, ServerCounts &counts,
               std::shared_ptr<RequestTraces> traces, int number)
    : m_thread(QStringLiteral("worker-%1").arg(number))
{
    m_thread.run([&] { m_inside = std::make_unique<Inside>(pool, keys, clock, counts, traces); });
}

Worker::~Worker()
{
    m_thread.run([this] { m_inside.reset(); });
}

void Worker::wait(const std::function<void(Inside &)> &work)
{
    m_thread.run([&] { work(*m_inside); });
}

void Worker::post(std::function<void(Inside &)> work)
{
    m_thread.post([this, work = std::move(work)] { work(*m_inside); });
}

void Worker::setPool(std::shared_ptr<const ActivePool> pool)
{
    post([pool = std::move(pool)](Inside &inside) {
        inside.state.pool = pool;
        if (inside.listener)
            inside.listener->setLimits(limitsOf(pool->config().server));
    });
}

void Worker::setVirtualKeys(std::shared_ptr<const VirtualKeyTable> keys)
{
    post([keys = std::move(keys)](Inside &inside) {
        inside.state.virtualKeys = keys;
        inside.api.endWithdrawn();
    });
}

Result<void> Worker::listen(std::vector<ListeningSocket> sockets,
                            const std::shared_ptr<std::atomic<int>> &openConnections,
                            const std::optional<TlsFiles> &tls)
{
    Result<void> result;
    wait([&](Inside &inside) {
        inside.listener = std::make_unique<Listener>(
            limitsOf(inside.state.pool->config().server),
            [&inside](std::unique_ptr<HttpExchange> exchange) { inside.api.handle(std::move(exchange)); },
            [](int status, std::string_view code, std::string_view message) {
                return Refusal{.status = status, .code = std::string(code), .message = std::string(message)}.body();
            },
            openConnections);
        if (tls)
            result = inside.listener->setTls(*tls);
        for (ListeningSocket &socket : sockets) {
            if (result)
                result = inside.listener->listen(std::move(socket));
        }
        inside.listener->pauseAccepting();
    });
    return result;
}

Result<void> Worker::setTls(const TlsFiles &files)
{
    Result<void> result;
    wait([&](Inside &inside) { result = inside.listener->setTls(files); });
    return result;
}

void Worker::setDraining()
{
    post([](Inside &inside) { inside.state.draining = true; });
}

void Worker::pauseAccepting()
{
    wait([](Inside &inside) { inside.listener->pauseAccepting(); });
}

void Worker::resumeAccepting()
{
    wait([](Inside &inside) { inside.listener->resumeAccepting(); });
}

void Worker::retire(Millis idle)
{
    wait([idle](Inside &inside) { inside.listener->retire(idle); });
}

void Worker::stopAccepting()
{
    wait([](Inside &inside) { inside.listener->stopAccepting(); });
}

int Worker::awaitedRequests()
{
    int awaited = 0;
    wait([&](Inside &inside) { awaited = inside.listener->awaitedRequests(); });
    return awaited;
}

} // namespace keymux
