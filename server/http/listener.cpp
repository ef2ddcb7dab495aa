// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/listener.h"

#include "http/connection.h"
#include "http/feedsocket.h"
#include "http/requestparser.h"
#include "log/log.h"

#include <QCryptographicHash>
#include <QFile>
#include <QSet>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslSocket>
#include <QTcpServer>
#include <QTimer>
#include <algorithm>
#include <sys/socket.h>
#include <vector>

namespace keymux {

namespace {

constexpr Millis checkInterval{250};
/// How long, after the end of accepting, a connection may be there without a request.
constexpr Millis firstRequestWait{2000};
constexpr int mostAcceptedAtTheEnd = 4096;

/// Accepts descriptors itself, so that QtHttpServer never sees a real socket.
class Acceptor : public QTcpServer {
public:
    std::function<void(qintptr)> onConnection;
    void introduce(FeedSocket *feed)
    {
        addPendingConnection(feed);
        if (m_paused)
            pauseAccepting(); // the taking of a pending connection has begun it again
    }
    void setPaused(bool paused)
    {
        m_paused = paused;
        paused ? pauseAccepting() : resumeAccepting();
    }

protected:
    void incomingConnection(qintptr descriptor) override { onConnection(descriptor); }

private:
    bool m_paused = false;
};

} // namespace

class Listener::Private {
public:
    Private(ListenerLimits limits, Handler handler, ErrorBody errorBody, std::shared_ptr<std::atomic<int>> open)
        : openConnections(std::move(open))
    {
        context.limits = limits;
        context.handler = std::move(handler);
        context.errorBody = std::move(errorBody);
        context.introduce = [this](FeedSocket *feed) { acceptors.front()->introduce(feed); };
        QObject::connect(&check, &QTimer::timeout, &check, [this] { checkTimes(); });
    }
    ~Private()
    {
        closeAcceptors();
        for (Connection *connection : std::exchange(connections, {})) {
            connection->disconnect(&check);
            delete connection;
            openConnections->fetch_sub(1);
        }
    }

    void accept(qintptr descriptor);
    void checkTimes();
    void remove(Connection *connection);
    /// Whom the kernel has connected is not turned away.
    void acceptWaiting()
    {
        for (const auto &acceptor : acceptors) {
            const int listening = int(acceptor->socketDescriptor());
            for (int i = 0; i < mostAcceptedAtTheEnd; ++i) {
                const int descriptor = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (descriptor < 0)
                    break;
                accept(descriptor);
            }
        }
    }
    void closeAcceptors()
    {
        for (const auto &acceptor : acceptors)
            acceptor->close();
    }

    ConnectionContext context;
    std::shared_ptr<std::atomic<int>> openConnections;
    RequestParser parser{context};
    std::vector<std::unique_ptr<Acceptor>> acceptors; ///< one for each socket
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
    QObject::connect(connection, &Connection::closed, &check, [this, connection] { remove(connection); });
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

Result<void> Listener::listen(ListeningSocket socket)
{
    auto acceptor = std::make_unique<Acceptor>();
    acceptor->onConnection = [this](qintptr descriptor) { d->accept(descriptor); };
    const std::string where = socket.address().toString();
    if (!acceptor->setSocketDescriptor(socket.fd()))
        return failure("cannot_listen", "cannot listen on " + where + ": " + acceptor->errorString().toStdString());
    socket.release(); // the acceptor's now
    if (d->acceptors.empty()) {
        d->parser.bind(acceptor.get());
        acceptor->setParent(nullptr); // bind() took it over; it has its owner here
    }
    d->acceptors.push_back(std::move(acceptor));
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

void Listener::pauseAccepting()
{
    for (const auto &acceptor : d->acceptors)
        acceptor->setPaused(true);
}

void Listener::resumeAccepting()
{
    for (const auto &acceptor : d->acceptors)
        acceptor->setPaused(false);
}

void Listener::retire(Millis idle)
{
    d->context.retiring = idle;
    for (Connection *connection : std::as_const(d->connections))
        connection->retire();
    d->closeAcceptors();
}

void Listener::stopAccepting()
{
    d->acceptWaiting();
    d->context.stopping = true;
    d->context.retiring = firstRequestWait;
    const QSet<Connection *> present = d->connections; // closing one changes the set
    for (Connection *connection : present)
        connection->stop();
    d->closeAcceptors();
}

int Listener::connectionCount() const
{
    return int(d->connections.size());
}

int Listener::awaitedRequests() const
{
    return int(std::count_if(d->connections.begin(), d->connections.end(),
                             [](const Connection *connection) { return connection->isAwaited(); }));
}

} // namespace keymux
