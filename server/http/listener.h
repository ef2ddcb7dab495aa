// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "core/result.h"
#include "http/httpexchange.h"

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

/// A listening socket's address: opened once, then shared by the listeners of all workers through SO_REUSEPORT.
struct ListenAddress {
    QHostAddress host;
    quint16 port = 0; ///< 0: a free one, chosen by the first bind

    /// Reads `127.0.0.1:4000`, `[::1]:4000`, `localhost:4000`, `:4000` (any address).
    static Result<ListenAddress> parse(std::string_view text);
    std::string toString() const;
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

    /// Binds with SO_REUSEPORT when `shared` (the `first` of those that share makes sure that nobody else is there),
    /// listens and accepts. Error `address_in_use` names the address and, where it can be found out, the process that
    /// holds it. Fills in the port when it was 0.
    Result<void> listen(ListenAddress &address, bool shared, bool first = true);

    /// Serves TLS with this certificate and key; may be called again with new files. Error when they cannot be used.
    Result<void> setTls(const TlsFiles &files);
    /// The public key clients are shown, as libcurl pins it (`sha256//…`); empty without TLS.
    std::string tlsPin() const;

    void setLimits(const ListenerLimits &limits);

    /// Closes the listening socket and idle connections; running exchanges go on and close when they end.
    void stopAccepting();

    int connectionCount() const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace keymux
