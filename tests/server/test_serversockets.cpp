// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serversockets.h"
#include "listenerhost.h"
#include "support/show.h"

#include <QtTest>
#include <cstdlib>
#include <fcntl.h>
#include <set>
#include <sys/socket.h>
#include <unistd.h>

using namespace keymux;
using namespace keymux::testing;

namespace {

ListeningSocket onFreePort()
{
    auto address = *ListenAddress::parse("127.0.0.1:0");
    return std::move(*ListeningSocket::open(address, false));
}

std::vector<NamedSocket> named(const std::vector<std::string> &names)
{
    std::vector<NamedSocket> sockets;
    for (const std::string &name : names)
        sockets.push_back({onFreePort(), name});
    return sockets;
}

ServerOptions optionsFor(const std::string &listen, const std::string &adminListen)
{
    ServerOptions options;
    options.listen = listen;
    options.adminListen = adminListen;
    return options;
}

} // namespace

/// Sockets that others opened, and who gets which.
class ServerSocketsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyTcpSocketsThatListenAreTaken()
    {
        ListeningSocket good = onFreePort();
        const int fd = dup(good.fd());
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK); // as service managers may pass it
        const auto taken = ListeningSocket::adopt(fd);
        QVERIFY(taken);
        QCOMPARE(taken->address().toString(), good.address().toString());
        QVERIFY((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
        QCOMPARE(fcntl(fd, F_GETFD), FD_CLOEXEC);

        const int quiet = socket(AF_INET, SOCK_STREAM, 0), datagrams = socket(AF_INET, SOCK_DGRAM, 0),
                  local = socket(AF_UNIX, SOCK_STREAM, 0), file = open("/dev/null", O_RDONLY);
        for (const int bad : {quiet, datagrams, local, file}) {
            const auto refused = ListeningSocket::adopt(bad);
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, std::string("bad_socket"));
            QCOMPARE(fcntl(bad, F_GETFD), -1); // closed, as adopt() says
        }
        QCOMPARE(ListeningSocket::adopt(-1).error().code, std::string("bad_socket"));
    }

    void namesTellWhoseASocketIs()
    {
        auto passed = named({"admin", "client", "client"});
        const std::string admin = passed[0].socket.address().toString(), first = passed[1].socket.address().toString();
        const auto sockets = assignPassed(std::move(passed), optionsFor("127.0.0.1:4000", "127.0.0.1:4001"));
        QVERIFY(sockets);
        QCOMPARE(sockets->client.size(), std::size_t(2));
        QCOMPARE(sockets->client.front().address().toString(), first);
        QCOMPARE(sockets->admin->address().toString(), admin);
    }

    void withoutNamesTheAddressTells()
    {
        auto passed = named({"keymux.socket", ""});
        const std::string first = passed[0].socket.address().toString(), second = passed[1].socket.address().toString();
        const auto sockets = assignPassed(std::move(passed), optionsFor(second, first));
        QVERIFY(sockets);
        QCOMPARE(sockets->client.front().address().toString(), second);
        QCOMPARE(sockets->admin->address().toString(), first);
    }

    void aSingleSocketIsForClients()
    {
        const auto sockets = assignPassed(named({"keymux.socket"}), optionsFor("192.0.2.1:4000", "127.0.0.1:1"));
        QVERIFY(sockets && sockets->client.size() == 1 && !sockets->admin);
    }

    void whatNobodyCanUseIsNamed()
    {
        auto passed = named({"keymux.socket", "other"});
        const std::string stranger = passed[1].socket.address().toString();
        const std::string mine = passed[0].socket.address().toString();
        const auto refused = assignPassed(std::move(passed), optionsFor(mine, "127.0.0.1:1"));
        QVERIFY(!refused);
        for (const std::string &part : {stranger, mine, std::string("`other`"), std::string("FileDescriptorName=")})
            QVERIFY2(refused.error().message.find(part) != std::string::npos, refused.error().message.c_str());
        QVERIFY(!assignPassed(named({"admin", "admin"}), optionsFor("127.0.0.1:4000", "127.0.0.1:4001")));
    }

    void everySocketHasAWorkerAndEveryWorkerASocket()
    {
        for (const int have : {1, 2, 3, 8}) {
            for (const int workers : {1, 2, 5}) {
                std::vector<ListeningSocket> sockets;
                for (int i = 0; i < have; ++i)
                    sockets.push_back(onFreePort());
                const auto shares = socketsOfWorkers(sockets, workers);
                QVERIFY(shares);
                QCOMPARE(shares->size(), std::size_t(workers));
                std::set<std::string> served;
                for (const auto &share : *shares) {
                    QVERIFY(!share.empty());
                    for (const ListeningSocket &socket : share)
                        served.insert(socket.address().toString());
                }
                QCOMPARE(served.size(), sockets.size());
            }
        }
    }

    void workersThatShareOneSocketServeEveryConnection()
    {
        auto address = *ListenAddress::parse("127.0.0.1:0");
        std::vector<ListeningSocket> sockets;
        sockets.push_back(std::move(*ListeningSocket::open(address, false)));
        auto shares = socketsOfWorkers(sockets, 2);
        QVERIFY(shares);
        ListenerHost one, two;
        one.run([&] { QVERIFY(one.listener().listen(std::move((*shares)[0].front()))); });
        two.run([&] { QVERIFY(two.listener().listen(std::move((*shares)[1].front()))); });
        const auto answers = burst(
            100, 8, [](HttpClient &client, int) { return client.get("/shared"); },
            [&] { return HttpClient("http://" + address.toString()); });
        for (const HttpResponse &answer : answers)
            QCOMPARE(answer.status, 200);
    }

    void aListenersLastWordsAreGivenOnEverySocket()
    {
        ListenerHost host; // has a socket of its own
        ListeningSocket more = onFreePort();
        const std::string url = "http://" + more.address().toString();
        host.run([&] { QVERIFY(host.listener().listen(std::move(more))); });
        QCOMPARE(HttpClient(url).get("/a").body, std::string("GET /a "));
        QCOMPARE(HttpClient(host.url()).get("/b").body, std::string("GET /b "));
        host.run([&] { host.listener().stopAccepting(); });
        QCOMPARE(HttpClient(url).get("/c").status, 0);
        QCOMPARE(HttpClient(host.url()).get("/d").status, 0);
    }

    void anAddressIsServedByItsSocket()
    {
        const auto is = [](const char *wanted, const char *bound) {
            return ListenAddress::parse(wanted)->isServedBy(*ListenAddress::parse(bound));
        };
        QVERIFY(is("127.0.0.1:4000", "127.0.0.1:4000"));
        QVERIFY(is("127.0.0.1:0", "127.0.0.1:4000"));
        QVERIFY(!is("127.0.0.1:4001", "127.0.0.1:4000"));
        QVERIFY(!is(":4000", "127.0.0.1:4000"));
        QVERIFY(is("[::1]:4000", "[::1]:4000"));
    }
};

QTEST_GUILESS_MAIN(ServerSocketsTest)
#include "test_serversockets.moc"
