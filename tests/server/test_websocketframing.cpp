// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/websocketframing.h"
#include "support/show.h"
#include "support/websocketclient.h"

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr std::size_t most = 1000;

/// What came out, one word each: `text:…`, `ping:…`, `close:1000`, `refused:1002`.
Texts read(std::string_view bytes, std::size_t atOnce = SIZE_MAX)
{
    WebSocketReader reader(most);
    Texts all;
    for (std::size_t at = 0; at < bytes.size(); at += std::min(atOnce, bytes.size())) {
        std::string_view piece = bytes.substr(at, atOnce);
        while (!piece.empty()) {
            const auto input = reader.next(piece);
            if (!input)
                break;
            const char *words[] = {"text:", "ping:", "pong:", "close:", "refused:"};
            const bool end = input->kind >= WebSocketInput::Kind::Close;
            all.push_back(words[int(input->kind)] + (end ? std::to_string(input->code) : input->payload));
        }
    }
    return all;
}

HttpRequest upgrade(const Headers &changes)
{
    HttpRequest request{.method = "GET",
                        .path = "/admin/v1/live",
                        .headers = {{"host", "127.0.0.1:4001"},
                                    {"upgrade", "websocket"},
                                    {"connection", "keep-alive, Upgrade"},
                                    {"sec-websocket-version", "13"},
                                    {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}}};
    for (const auto &[name, value] : changes) {
        const auto same = std::find_if(request.headers.begin(), request.headers.end(),
                                       [&](const auto &header) { return header.first == name; });
        if (same == request.headers.end())
            request.headers.emplace_back(name, value);
        else
            same->second = value;
    }
    return request;
}

int statusOf(const Headers &changes)
{
    const auto refusal = webSocketRefusal(upgrade(changes));
    return refusal ? refusal->status : 101;
}

} // namespace

class WebSocketFramingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void messagesComeOutHoweverTheyAreCut()
    {
        const std::string longText(700, 'x');
        const std::string bytes = clientFrame(1, "hello") + clientFrame(9, "p") + clientFrame(1, "") +
                                  clientFrame(1, longText) + clientFrame(10, "") +
                                  clientFrame(8, "\x03\xe8"
                                                 "bye");
        const Texts expected{"text:hello", "ping:p", "text:", "text:" + longText, "pong:", "close:1000"};
        for (const std::size_t atOnce : {std::size_t(1), std::size_t(2), std::size_t(3), std::size_t(7), SIZE_MAX})
            QCOMPARE(read(bytes, atOnce), expected);
    }

    void aPingMayComeBetweenTheFramesOfAMessage()
    {
        QCOMPARE(read(clientFrame(1, "{\"a\"", false) + clientFrame(9, "p") + clientFrame(0, ":", false) +
                      clientFrame(0, "1}")),
                 (Texts{"ping:p", "text:{\"a\":1}"}));
    }

    void whatBreaksTheRulesIsRefused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, const std::string &bytes, int code) {
            QTest::newRow(name) << QByteArray(bytes.data(), qsizetype(bytes.size())) << code;
        };
        const std::string mask("\1\2\3\4", 4);
        row("unmasked", std::string("\x81\x05hello", 7), 1002);
        row("reserved bit", std::string("\xc1\x80", 2) + mask, 1002);
        row("unknown opcode", clientFrame(3, "a"), 1002);
        row("unknown control opcode", clientFrame(11, "a"), 1002);
        row("binary", clientFrame(2, "a"), 1003);
        row("fragmented ping", clientFrame(9, "a", false), 1002);
        row("long ping", clientFrame(9, std::string(126, 'a')), 1002);
        row("continues nothing", clientFrame(0, "a"), 1002);
        row("begins twice", clientFrame(1, "a", false) + clientFrame(1, "b"), 1002);
        row("length in two bytes for nothing", std::string("\x81\xfe\x00\x05", 4) + mask, 1002);
        row("length in eight bytes for nothing", std::string("\x81\xff\0\0\0\0\0\0\x10\x00", 10) + mask, 1002);
        row("negative length", std::string("\x81\xff\xff\0\0\0\0\0\0\0", 10) + mask, 1002);
        row("too large", clientFrame(1, std::string(most + 1, 'a')), 1009);
        row("says it is huge", std::string("\x81\xff\0\0\x10\0\0\0\0\0", 10) + mask, 1009);
        row("too large in pieces", clientFrame(1, std::string(most, 'a'), false) + clientFrame(0, "b"), 1009);
        row("no UTF-8", clientFrame(1, "\xff\xfe"), 1007);
        row("half a character", clientFrame(1, "\xc3"), 1007);
        row("half a close code", clientFrame(8, "\x03"), 1002);
        row("close code nobody sends", clientFrame(8, "\x03\xed"), 1002);
        row("close reason is no UTF-8", clientFrame(8, "\x03\xe8\xff"), 1007);
    }
    void whatBreaksTheRulesIsRefused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, code);
        const std::string all = bytes.toStdString() + clientFrame(1, "never read");
        QCOMPARE(read(all), Texts{"refused:" + std::to_string(code)});
        QCOMPARE(read(all, 1), Texts{"refused:" + std::to_string(code)});
    }

    void theLargestMessageIsTaken()
    {
        const std::string text(most, 'a');
        QCOMPARE(read(clientFrame(1, text)), Texts{"text:" + text});
    }

    void framesAreCountedAlsoWhenTheyBringNothing()
    {
        WebSocketReader reader(most);
        std::string flood = clientFrame(1, "", false);
        for (int i = 0; i < 99; ++i)
            flood += clientFrame(0, "", false);
        std::string_view bytes = flood;
        QVERIFY(!reader.next(bytes));
        QCOMPARE(reader.frames(), 100U);
    }

    void theServersFramesAreAsTheProtocolWantsThem()
    {
        QCOMPARE(webSocketTextHeader(5), std::string("\x81\x05"));
        QCOMPARE(webSocketTextHeader(126), std::string("\x81\x7e\x00\x7e", 4));
        QCOMPARE(webSocketTextHeader(65536), std::string("\x81\x7f\0\0\0\0\0\x01\0\0", 10));
        QCOMPARE(webSocketPong("p"), std::string("\x8a\x01p"));
        QCOMPARE(webSocketCloseFrame(1001, "bye"), std::string("\x88\x05\x03\xe9"
                                                               "bye"));
        QCOMPARE(webSocketCloseFrame(1002, std::string(500, 'x')).size(), 127U);
        QCOMPARE(webSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), std::string("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")); // RFC 6455
    }

    void aHandshakeIsJudged_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("status");
        const auto row = [](const char *name, const char *value, int status) {
            QTest::addRow("%s: %s", name, value) << QByteArray(name) << QByteArray(value) << status;
        };
        row("host", "127.0.0.1:4001", 101);
        row("upgrade", "WebSocket", 101);
        row("upgrade", "h2c", 426);
        row("upgrade", "", 426);
        row("connection", "keep-alive", 400);
        row("sec-websocket-version", "12", 426);
        row("sec-websocket-version", "", 426);
        row("sec-websocket-key", "", 400);
        row("sec-websocket-key", "c2hvcnQ=", 400);
        row("sec-websocket-key", "dGhlIHNhbXBsZSBub25j!!==", 400);
        row("origin", "http://127.0.0.1:4001", 101);
        row("origin", "HTTP://127.0.0.1:4001", 101);
        row("origin", "http://127.0.0.1:4000", 403);
        row("origin", "http://127.0.0.1", 403);
        row("origin", "http://evil.example", 403);
        row("origin", "http://127.0.0.1:4001.evil.example", 403);
        row("origin", "http://evil.example/127.0.0.1:4001", 403);
        row("origin", "http://user@127.0.0.1:4001", 403);
        row("origin", "file://127.0.0.1:4001", 403);
        row("origin", "null", 403);
        row("origin", "", 403);
    }
    void aHandshakeIsJudged()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, value);
        QFETCH(int, status);
        QCOMPARE(statusOf({{name.toStdString(), value.toStdString()}}), status);
    }

    void aProxysHostIsComparedWithoutItsSchemesPort()
    {
        QCOMPARE(statusOf({{"host", "keymux.example"}, {"origin", "https://keymux.example"}}), 101);
        QCOMPARE(statusOf({{"host", "keymux.example:443"}, {"origin", "https://keymux.example"}}), 101);
        QCOMPARE(statusOf({{"host", "keymux.example:80"}, {"origin", "https://keymux.example"}}), 403);
        QCOMPARE(statusOf({{"host", ""}, {"origin", "https://"}}), 403);
        HttpRequest twice = upgrade({{"origin", "http://127.0.0.1:4001"}});
        twice.headers.emplace_back("origin", "http://evil.example");
        QCOMPARE(webSocketRefusal(twice)->status, 403);
    }
};

QTEST_APPLESS_MAIN(WebSocketFramingTest)
#include "test_websocketframing.moc"
