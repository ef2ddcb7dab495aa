// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/listener.h"

#include "http/connection.h"
#include "http/feedsocket.h"
#include "http/portholder.h"
#include "log/log.h"

#include <QAbstractHttpServer>
#include <QCryptographicHash>
#include <QFile>
#include <QHttpServerRequest>
#include <QSet>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>
#include <QTcpServer>
#include <QTimer>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>

namespace keymux {

namespace {

constexpr int backlog = 4096;
constexpr Millis checkInterval{250};

/// Where QtHttpServer hands requests over, one a time; everything else about them is done here.
class RequestParser : public QAbstractHttpServer {
public:
    using QAbstractHttpServer::QAbstractHttpServer;

protected:
    bool handleRequest(const QHttpServerRequest &, QTcpSocket *socket) override
    {
        if (auto *feed = qobject_cast<FeedSocket *>(socket))
            feed->connection()->requestParsed();
        return true;
    }
    void missingHandler(const QHttpServerRequest &, QTcpSocket *) override {}
};

/// Accepts descriptors itself, so that QtHttpServer never sees a real socket.
class Acceptor : public QTcpServer {
public:
    std::function<void(qintptr)> onConnection;
    void introduce(FeedSocket *feed) { addPendingConnection(feed); }

protected:
    void incomingConnection(qintptr descriptor) override { onConnection(descriptor); }
};

/// An address for bind().
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

SocketAddress socketAddress(const ListenAddress &address)
{
    SocketAddress result;
    if (address.host.protocol() == QAbstractSocket::IPv6Protocol) {
        auto *v6 = reinterpret_cast<sockaddr_in6 *>(&result.storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        const Q_IPV6ADDR bytes = address.host.toIPv6Address();
        std::memcpy(&v6->sin6_addr, &bytes, sizeof bytes);
        result.size = sizeof *v6;
    } else {
        auto *v4 = reinterpret_cast<sockaddr_in *>(&result.storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address.port);
        v4->sin_addr.s_addr = htonl(address.host.toIPv4Address());
        result.size = sizeof *v4;
    }
    return result;
}

quint16 boundPort(int fd)
{
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    getsockname(fd, reinterpret_cast<sockaddr *>(&storage), &size);
    return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6 *>(&storage)->sin6_port
                                               : reinterpret_cast<sockaddr_in *>(&storage)->sin_port);
}

/// A bound socket, or -1 with errno set.
int bindSocket(const ListenAddress &address, bool shared)
{
    const SocketAddress where = socketAddress(address);
    const int fd = socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(fd, reinterpret_cast<const sockaddr *>(&where.storage), where.size) == 0)
        return fd;
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

Result<void> cannotListen(const ListenAddress &address, int error)
{
    std::string message = "cannot listen on " + address.toString() + ": " + std::strerror(error);
    if (error == EADDRINUSE) {
        if (const std::string holder = holderOfPort(address.port); !holder.empty())
            message += "; " + holder + " listens there";
        message += ". Stop it, or choose another address with --listen or --admin-listen";
        return failure("address_in_use", message);
    }
    return failure("cannot_listen", message);
}

} // namespace

class Listener::Private {
public:
    Private(ListenerLimits limits, Handler handler, ErrorBody errorBody, std::shared_ptr<std::atomic<int>> open)
        : openConnections(std::move(open))
    {
        context.limits = limits;
        context.handler = std::move(handler);
        context.errorBody = std::move(errorBody);
        context.introduce = [this](FeedSocket *feed) { acceptor.introduce(feed); };
        acceptor.onConnection = [this](qintptr descriptor) { accept(descriptor); };
        QObject::connect(&check, &QTimer::timeout, &acceptor, [this] { checkTimes(); });
    }
    ~Private()
    {
        acceptor.close();
        for (Connection *connection : std::exchange(connections, {})) {
            connection->disconnect(&acceptor);
            delete connection;
            openConnections->fetch_sub(1);
        }
    }

    void accept(qintptr descriptor);
    void checkTimes();
    void remove(Connection *connection);

    ConnectionContext context;
    std::shared_ptr<std::atomic<int>> openConnections;
    RequestParser parser;
    Acceptor acceptor;
    std::optional<QSslConfiguration> tls;
    QSet<Connection *> connections;
    QTimer check;
};

void Listener::Private::accept(qintptr descriptor)
{
    QTcpSocket *socket = nullptr;
    if (tls) {
        auto *ssl = new QSslSocket;
        ssl->setSslConfiguration(*tls);
        socket = ssl;
    } else {
        socket = new QTcpSocket;
    }
    if (!socket->setSocketDescriptor(descriptor)) {
        delete socket;
        return;
    }
    if (tls)
        static_cast<QSslSocket *>(socket)->startServerEncryption();
    auto *connection = new Connection(socket, context, nullptr);
    connections.insert(connection);
    QObject::connect(connection, &Connection::closed, &acceptor, [this, connection] { remove(connection); });
    if (openConnections->fetch_add(1) >= context.limits.maxConnections)
        connection->refuseOverloaded();
    if (!check.isActive())
        check.start(checkInterval);
}

void Listener::Private::remove(Connection *connection)
{
    if (!connections.remove(connection))
        return;
    openConnections->fetch_sub(1);
    connection->deleteLater(); // a slot of it may be on the stack
    if (connections.isEmpty())
        check.stop();
}

void Listener::Private::checkTimes()
{
    const auto now = Connection::Clock::now();
    const QSet<Connection *> present = connections; // closing one changes the set
    for (Connection *connection : present) {
        if (connections.contains(connection))
            connection->checkTimes(now);
    }
}

Listener::Listener(ListenerLimits limits, Handler handler, ErrorBody errorBody,
                   std::shared_ptr<std::atomic<int>> openConnections, QObject *parent)
    : QObject(parent),
      d(std::make_unique<Private>(limits, std::move(handler), std::move(errorBody), std::move(openConnections)))
{
}

Listener::~Listener() = default;

Result<void> Listener::listen(ListenAddress &address, bool shared, bool first)
{
    if (shared && first && address.port != 0) {
        // SO_REUSEPORT would let a second gateway of the same user in beside the first: ask without it whether the port
        // is free.
        const int probe = bindSocket(address, false);
        if (probe < 0)
            return cannotListen(address, errno);
        close(probe);
    }
    const int fd = bindSocket(address, shared);
    if (fd < 0)
        return cannotListen(address, errno);
    if (::listen(fd, backlog) != 0) {
        const int error = errno;
        close(fd);
        return cannotListen(address, error);
    }
    address.port = boundPort(fd);
    if (!d->acceptor.setSocketDescriptor(fd)) {
        close(fd);
        return failure("cannot_listen",
                       "cannot listen on " + address.toString() + ": " + d->acceptor.errorString().toStdString());
    }
    d->parser.bind(&d->acceptor);
    d->acceptor.setParent(nullptr); // bind() took it over; it is a member here
    return {};
}

Result<void> Listener::setTls(const TlsFiles &files)
{
    QFile certFile(QString::fromStdString(files.certFile)), keyFile(QString::fromStdString(files.keyFile));
    if (!certFile.open(QIODevice::ReadOnly))
        return failure("tls_unusable",
                       "cannot read the certificate " + files.certFile + ": " + certFile.errorString().toStdString());
    if (!keyFile.open(QIODevice::ReadOnly))
        return failure("tls_unusable",
                       "cannot read the key " + files.keyFile + ": " + keyFile.errorString().toStdString());
    const QList<QSslCertificate> chain = QSslCertificate::fromDevice(&certFile, QSsl::Pem);
    const QByteArray pem = keyFile.readAll();
    QSslKey key(pem, QSsl::Rsa);
    if (key.isNull())
        key = QSslKey(pem, QSsl::Ec);
    if (chain.isEmpty() || key.isNull())
        return failure("tls_unusable", files.certFile + " or " + files.keyFile + " is not a PEM certificate or key");
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificateChain(chain);
    configuration.setPrivateKey(key);
    configuration.setPeerVerifyMode(QSslSocket::VerifyNone);
    d->tls = configuration;
    return {};
}

std::string Listener::tlsPin() const
{
    if (!d->tls || d->tls->localCertificateChain().isEmpty())
        return {};
    const QByteArray key = d->tls->localCertificateChain().first().publicKey().toDer();
    return "sha256//" + QCryptographicHash::hash(key, QCryptographicHash::Sha256).toBase64().toStdString();
}

void Listener::setLimits(const ListenerLimits &limits)
{
    d->context.limits = limits;
}

void Listener::stopAccepting()
{
    d->context.stopping = true;
    d->acceptor.close();
    const QSet<Connection *> present = d->connections;
    for (Connection *connection : present)
        connection->stop();
}

int Listener::connectionCount() const
{
    return int(d->connections.size());
}

} // namespace keymux
