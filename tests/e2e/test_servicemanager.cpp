// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <QtTest>
#include <csignal>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace keymux::testing;

namespace {

/// The socket a service manager listens on, as sd_notify(3) describes it.
class NotifySocket {
public:
    explicit NotifySocket(const std::string &name) : m_fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(name.begin(), name.end(), address.sun_path);
        if (name.starts_with('@'))
            address.sun_path[0] = '\0';
        const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + name.size());
        m_bound = ::bind(m_fd, reinterpret_cast<const sockaddr *>(&address), size) == 0;
    }
    ~NotifySocket() { ::close(m_fd); }
    NotifySocket(const NotifySocket &) = delete;
    NotifySocket &operator=(const NotifySocket &) = delete;

    bool bound() const { return m_bound; }
    /// The next message; empty when none came in time.
    std::string next() const
    {
        pollfd one{m_fd, POLLIN, 0};
        char text[4096];
        if (::poll(&one, 1, 15000) != 1)
            return {};
        const ssize_t size = ::recv(m_fd, text, sizeof text, 0);
        return size > 0 ? std::string(text, std::size_t(size)) : std::string();
    }

private:
    int m_fd;
    bool m_bound = false;
};

} // namespace

/// What `Type=notify` relies on.
class ServiceManagerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theServiceManagerIsToldOfStartReloadAndEnd_data()
    {
        QTest::addColumn<bool>("abstract");
        QTest::newRow("a path") << false;
        QTest::newRow("an abstract name") << true;
    }
    void theServiceManagerIsToldOfStartReloadAndEnd()
    {
        QFETCH(bool, abstract);
        const TemporaryFolder folder;
        const std::string name = (abstract ? "@" : "") + (folder.path() / "notify").string();
        const NotifySocket socket(name);
        QVERIFY(socket.bound());
        ScriptedUpstream upstream;
        DaemonOptions options = PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options();
        options.environment.emplace_back("NOTIFY_SOCKET", name);
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QCOMPARE(socket.next(), "READY=1\nSTATUS=serving clients on " + daemon.url());

        daemon.process().signal(SIGHUP);
        const std::string reloading = socket.next();
        QVERIFY2(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), reloading.c_str());
        QCOMPARE(socket.next(), std::string("READY=1"));

        daemon.process().signal(SIGTERM);
        QCOMPARE(socket.next(), std::string("STOPPING=1"));
        QCOMPARE(daemon.process().wait(), std::optional<int>(0));
    }

    void aManagerThatIsGoneHarmsNobody()
    {
        ScriptedUpstream upstream;
        for (const std::string &name :
             {std::string("/nowhere/at/all"), std::string("relative"), std::string(500, 'x')}) {
            DaemonOptions options = PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options();
            options.environment.emplace_back("NOTIFY_SOCKET", name);
            const Daemon daemon(options);
            QVERIFY2(daemon.ready(), daemon.log().c_str());
            QCOMPARE(daemon.client().post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        }
    }
};

QTEST_GUILESS_MAIN(ServiceManagerTest)
#include "test_servicemanager.moc"
