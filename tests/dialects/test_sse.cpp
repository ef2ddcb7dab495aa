// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/sse.h"

#include <QtTest>
#include <rapidcheck.h>
#include <vector>

using namespace keymux;

namespace {

/// The events of a stream that arrives in pieces cut at the given places; what is left over comes last.
std::vector<std::string> eventsOf(const std::string &stream, const std::vector<std::size_t> &cuts = {})
{
    SseBoundary boundary;
    std::vector<std::string> events(1);
    const auto give = [&](std::string_view bytes) {
        while (!bytes.empty()) {
            const std::size_t end = boundary.eventEnd(bytes);
            if (end == SseBoundary::npos) {
                events.back() += bytes;
                return;
            }
            events.back() += bytes.substr(0, end);
            bytes.remove_prefix(end);
            events.emplace_back();
        }
    };
    std::size_t from = 0;
    for (const std::size_t cut : cuts) {
        give(std::string_view(stream).substr(from, cut - from));
        from = cut;
    }
    give(std::string_view(stream).substr(from));
    return events;
}

std::string joined(const std::vector<std::string> &events)
{
    std::string all;
    for (const std::string &event : events)
        all += event;
    return all;
}

} // namespace

class TestSse : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEmptyLineEndsAnEvent()
    {
        QCOMPARE(eventsOf("data: a\n\ndata: b\n\n"), (std::vector<std::string>{"data: a\n\n", "data: b\n\n", ""}));
        QCOMPARE(eventsOf("data: a\ndata: b\n\n"), (std::vector<std::string>{"data: a\ndata: b\n\n", ""}));
        QCOMPARE(eventsOf("data: a\n"), (std::vector<std::string>{"data: a\n"}));
        QCOMPARE(eventsOf("\n\n"), (std::vector<std::string>{"\n", "\n", ""}));
    }

    void allLineEndsAreLineEndsHoweverTheyAreCut_data()
    {
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("second");
        for (const char *one : {"\n", "\r\n", "\r"}) {
            for (const char *two : {"\n", "\r\n", "\r"}) {
                // CR and LF side by side are one line end.
                if (QByteArray(one) == "\r" && QByteArray(two).startsWith('\n'))
                    continue;
                QTest::addRow("%s", QByteArray(one + QByteArray(two)).toHex().constData())
                    << QByteArray(one) << QByteArray(two);
            }
        }
    }
    void allLineEndsAreLineEndsHoweverTheyAreCut()
    {
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, second);
        const std::string one = first.toStdString(), two = second.toStdString();
        const std::string a = ": c" + one + "data: a" + one + two, b = "data: b" + one + two;
        const std::string stream = a + b + "data: c";
        for (std::size_t i = 0; i <= stream.size(); ++i) {
            for (std::size_t j = i; j <= stream.size(); ++j) {
                const auto events = eventsOf(stream, {i, j});
                QCOMPARE(joined(events), stream);
                QCOMPARE(events.size(), std::size_t(3));
                QCOMPARE(events[0], a);
                QCOMPARE(events[1], b);
            }
        }
    }

    void everyCutGivesTheSameEvents()
    {
        QVERIFY(rc::check([] {
            const auto stream = *rc::gen::container<std::string>(rc::gen::element('\r', '\n', 'd', ':', ' '));
            const auto whole = eventsOf(stream);
            std::vector<std::size_t> cuts;
            for (std::size_t i = 1; i < stream.size(); ++i) {
                if (*rc::gen::arbitrary<bool>())
                    cuts.push_back(i);
            }
            RC_ASSERT(eventsOf(stream, cuts) == whole);
            RC_ASSERT(joined(whole) == stream);
        }));
    }

    void fieldsAreReadAsTheStandardSays()
    {
        const SseEvent event =
            parseSseEvent("id: 1\r\nevent: error\r\nretry: 5\r\ndata: a\r\ndata:b\r\ndata:  c\r\n\r\n");
        QCOMPARE(event.data, std::string("a\nb\n c"));
        QCOMPARE(event.type, std::string("error"));
        QVERIFY(!event.onlyComments && !event.raw);
        QCOMPARE(parseSseEvent("data:{\"a\":1}\n\n").data, std::string("{\"a\":1}"));
        QCOMPARE(parseSseEvent("data\n\n").data, std::string());
        QCOMPARE(parseSseEvent("data: a\rdata: b\r\r").data, std::string("a\nb"));
        QVERIFY(!parseSseEvent("data:\n\n").onlyComments);
    }

    void emptyDataLinesKeepTheirPlace()
    {
        QCOMPARE(parseSseEvent("data: a\ndata:\ndata: b\n\n").data, std::string("a\n\nb"));
        QCOMPARE(parseSseEvent("data:\ndata: b\n\n").data, std::string("\nb"));
    }

    void commentsSayNothing()
    {
        for (const char *text :
             {": ping\n\n", ":\n\n", "\n", ": a\n: b\n\n", "id: 3\n\n", "retry: 5\n\n", "event: ping\n\n"})
            QVERIFY2(parseSseEvent(text).onlyComments, text);
        QVERIFY(!parseSseEvent(": a\ndata: b\n\n").onlyComments);
    }

    void aByteOrderMarkIsNoPartOfTheFirstEvent()
    {
        QCOMPARE(parseSseEvent("\xef\xbb\xbf"
                               "data: a\n\n")
                     .data,
                 std::string("a"));
        QVERIFY(parseSseEvent("\xef\xbb\xbf: a\n\n").onlyComments);
    }

    void whatIsNoEventStreamIsKeptAsItIs()
    {
        const std::string json = "{\n  \"error\": {\"message\": \"no\"}\n}";
        const SseEvent event = parseSseEvent(json);
        QVERIFY(event.raw && !event.onlyComments);
        QCOMPARE(event.data, json);
        QVERIFY(!parseSseEvent("data: a\nunknown: b\n\n").raw); // a field we do not know, beside data
    }

    void theBoundaryKeepsNothingOfWhatItSaw()
    {
        static_assert(sizeof(SseBoundary) <= 16 && std::is_trivially_copyable_v<SseBoundary>);
        SseBoundary boundary;
        const std::string endless(1 << 20, 'a');
        for (int i = 0; i < 64; ++i)
            QVERIFY(boundary.eventEnd(endless) == SseBoundary::npos);
    }
};

QTEST_APPLESS_MAIN(TestSse)
#include "test_sse.moc"
