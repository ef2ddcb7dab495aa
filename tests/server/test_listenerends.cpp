// SPDX-License-Identifier: GPL-3.0-or-later
#include "listenerhost.h"

#include <QtTest>

using namespace keymux;
using namespace keymux::testing;

namespace {

std::string get(const std::string &path)
{
    return "GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n";
}

bool saysItIsTheLast(const std::string &answer)
{
    return answer.find("\r\nconnection: close\r\n") != std::string::npos;
}

} // namespace

/// A listener that makes way for another one.
class ListenerEndsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatComesWhileItPausesWaitsAndIsServedAfterwards()
    {
        ListenerHost host;
        RawConnection known(host.url());
        known.send(get("/known"));
        known.readUntil("GET /known ");
        RawConnection fresh(host.url()); // accepted, and has not asked yet
        QTRY_COMPARE(host.open(), 2);
        host.run([&] { host.listener().pauseAccepting(); });

        RawConnection waiting(host.url());
        QVERIFY(waiting.send(get("/waiting")));
        // The first request of a connection must not make it accept others.
        fresh.send(get("/fresh"));
        QVERIFY(fresh.readUntil("GET /fresh ").starts_with("HTTP/1.1 200"));
        known.send(get("/again"));
        QVERIFY(known.readUntil("GET /again ").starts_with("HTTP/1.1 200"));
        QCOMPARE(host.open(), 2);

        host.run([&] { host.listener().resumeAccepting(); });
        QVERIFY(waiting.readUntil("GET /waiting ").starts_with("HTTP/1.1 200"));
    }

    void whoRetiresAnswersEveryConnectionOnceMoreAndSaysSo()
    {
        ListenerHost host;
        RawConnection idle(host.url()), running(host.url()), fresh(host.url()), half(host.url());
        idle.send(get("/idle"));
        idle.readUntil("GET /idle ");
        running.send(get("/hold"));
        half.send("GET /half HTTP/1.1\r\nho");
        QVERIFY(host.waitForRequests(2));
        QTRY_COMPARE(host.open(), 4);
        host.run([&] { host.listener().retire(Millis(60000)); });
        QVERIFY(!Socket::connected("127.0.0.1", Address::of(host.url()).port).valid());

        idle.send(get("/once-more"));
        fresh.send(get("/fresh"));
        half.send("st: x\r\n\r\n");
        for (RawConnection *connection : {&idle, &fresh, &half}) {
            const std::string answer = connection->readUntilClose();
            QVERIFY2(answer.starts_with("HTTP/1.1 200") && saysItIsTheLast(answer), answer.c_str());
            QVERIFY(connection->closed());
        }
        host.release();
        QVERIFY(saysItIsTheLast(running.readUntilClose()));
    }

    void whoWasPromisedAnotherRequestMaySendIt()
    {
        ListenerHost host;
        std::unique_ptr<HttpExchange> held;
        host.onRequest([&](std::unique_ptr<HttpExchange> exchange) {
            if (exchange->request().path == "/stream") {
                exchange->sendHead(200, {}, std::nullopt); // without `connection: close`
                exchange->sendBody("first");
                held = std::move(exchange);
                return;
            }
            exchange->sendAll(200, {}, "next");
        });
        RawConnection client(host.url());
        client.send(get("/stream"));
        QVERIFY(!saysItIsTheLast(client.readUntil("first")));
        host.run([&] {
            host.listener().retire(Millis(60000));
            held->finish();
            held.reset();
        });
        client.readUntil("0\r\n\r\n");
        client.send(get("/next"));
        const std::string answer = client.readUntilClose();
        QVERIFY2(answer.starts_with("HTTP/1.1 200") && saysItIsTheLast(answer), answer.c_str());
    }

    void aConnectionThatStaysQuietIsClosed()
    {
        ListenerHost host;
        RawConnection idle(host.url());
        idle.send(get("/idle"));
        idle.readUntil("GET /idle ");
        host.run([&] { host.listener().retire(Millis(100)); });
        idle.readUntilClose();
        QVERIFY(idle.closed());
    }
};

QTEST_GUILESS_MAIN(ListenerEndsTest)
#include "test_listenerends.moc"
