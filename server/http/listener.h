// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "core/result.h"
#include "http/httpexchange.h"
#include "http/listeningsocket.h"

#include <QObject>
#include <atomic>
#include <functional>
#include <memory>

namespace keymux {

/// What a listener puts up with. The same for client and admin listener.
struct ListenerLimits {
    std::int64_t maxHeaderBytes = 64LL << 10;
    std::int64_t maxBodyBytes = 32LL << 20;
    int maxConnections = 10000; ///< over all listeners that share `openConnections`
    Millis headerTimeout{15000};
    Millis idleTimeout{75000};
};

/// An HTTP/1.1 listener on QtHttpServer that polices every byte before QtHttpServer buffers it: see the table in
/// docs/ARCHITECTURE.md.
class Listener : public QObject {
    Q_OBJECT

public:
    /// Takes over an exchange. Called on the listener's thread, once per well-formed request.
    using Handler = std::function<void(std::unique_ptr<HttpExchange>)>;
    /// The body of an error the listener answers by itself (400, 408, 413, 415, 431, 503): JSON in the shape of the
    /// path's dialect.
    using ErrorBody = std::function<std::string(int status, std::string_view code, std::string_view message)>;

    Listener(ListenerLimits limits, Handler handler, ErrorBody errorBody,
             std::shared_ptr<std::atomic<int>> openConnections, QObject *parent = nullptr);
    ~Listener() override;

    /// Accepts what comes to this socket. May be called for several.
    Result<void> listen(ListeningSocket socket);

    /// Serves TLS with this certificate and key; may be called again with new files. Error when they cannot be used.
    Result<void> setTls(const TlsFiles &files);
    /// The public key clients are shown, as libcurl pins it (`sha256//…`); empty without TLS.
    std::string tlsPin() const;

    void setLimits(const ListenerLimits &limits);

    /// Accepts nothing until resumeAccepting(): new connections wait in the kernel. Those that are there go on.
    void pauseAccepting();
    void resumeAccepting();
    /// Closes the listening sockets, but takes one more request on every connection there is, with an answer that says
    /// it is the last; a connection that is quiet for `idle` is closed. So no client finds its connection closed under
    /// the request it is sending.
    void retire(Millis idle);

    /// Closes the listening sockets and idle connections; running exchanges go on and close when they end. Who has
    /// connected and not asked yet may still ask, within 2 s.
    void stopAccepting();

    int connectionCount() const;
    /// Connections whose next request is to come, or is not whole yet.
    int awaitedRequests() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace keymux
