// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/answerlook.h"

#include <QFile>
#include <QtTest>

using namespace keymux;

namespace {

const std::string plainStream =
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
    ": comment\n\n"
    "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Grüße 😀\"}}]}\r\n\r\n"
    "data:{\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string usageChunk =
    "data: "
    "{\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}}\n\n";
const std::string done = "data: [DONE]\n\n";

struct Seen {
    std::string out;
    ChatStreamWatch::First first = ChatStreamWatch::First::Pending;
    std::optional<TokenUsage> usage;
    bool whole = false, errorLater = false;
};

/// Feeds the stream cut at the given places.
Seen feed(const std::string &stream, bool hideUsage, const std::vector<std::size_t> &cuts = {})
{
    ChatStreamWatch watch(hideUsage);
    Seen seen;
    const auto give = [&](std::string_view bytes) {
        std::vector<std::string_view> out;
        watch.feed(bytes, out);
        for (auto piece : out)
            seen.out += piece;
    };
    std::size_t from = 0;
    for (std::size_t cut : cuts) {
        give(std::string_view(stream).substr(from, cut - from));
        from = cut;
    }
    give(std::string_view(stream).substr(from));
    std::vector<std::string_view> out;
    seen.whole = watch.finish(out);
    for (auto piece : out)
        seen.out += piece;
    seen.first = watch.first();
    seen.usage = watch.usage();
    seen.errorLater = watch.errorLater();
    return seen;
}

} // namespace

class TestChatStreamWatch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bytesGoThroughUnchangedHoweverTheyAreCut()
    {
        const std::string stream = plainStream + usageChunk + done;
        for (bool hide : {false, true}) {
            const std::string expected = hide ? plainStream + done : stream;
            for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
                const Seen seen = feed(stream, hide, {cut});
                QCOMPARE(seen.out, expected);
                QVERIFY(seen.first == ChatStreamWatch::First::Usable);
                QVERIFY(seen.whole);
                QVERIFY(seen.usage && seen.usage->total == 7);
            }
            std::vector<std::size_t> everywhere;
            for (std::size_t i = 1; i < stream.size(); ++i)
                everywhere.push_back(i);
            QCOMPARE(feed(stream, hide, everywhere).out, expected);
        }
    }

    void lineEndsOfAllKindsEndEvents()
    {
        for (const char *end : {"\n", "\r\n", "\r"}) {
            const std::string e = end;
            const std::string chunk = "data: {\"choices\":[{\"delta\":{}}]}" + e + e;
            const std::string usage = "data: {\"choices\":[],\"usage\":{\"total_tokens\":7}}" + e + e;
            const std::string stream = chunk + usage + "data: [DONE]" + e + e;
            for (std::size_t cut = 0; cut <= stream.size(); ++cut)
                QCOMPARE(feed(stream, true, {cut}).out, chunk + "data: [DONE]" + e + e);
        }
    }

    void anEventIsForwardedWhenItArrives()
    {
        ChatStreamWatch watch(true);
        std::vector<std::string_view> out;
        const std::string first = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
        watch.feed(first, out);
        QCOMPARE(out.size(), std::size_t(1));
        out.clear();
        watch.feed("data: {\"choices\":[{\"delta\":{\"conte", out); // half an event that cannot be the usage chunk
        QCOMPARE(out.size(), std::size_t(1));
        out.clear();
        watch.feed("nt\":\"b\"}}]}\n\n", out);
        QCOMPARE(out.size(), std::size_t(1));
        out.clear();
        watch.feed("data: {\"id\":\"1\",\"cho", out); // this one still could be
        QVERIFY(out.empty());
    }

    void theFirstEventDecides_data()
    {
        QTest::addColumn<QByteArray>("stream");
        QTest::addColumn<bool>("usable");
        QTest::newRow("chunk") << QByteArray("data: {\"choices\":[{\"delta\":{}}]}\n\n") << true;
        QTest::newRow("comments first") << QByteArray(": OPENROUTER PROCESSING\n\n: x\n\ndata: {\"choices\":[{}]}\n\n")
                                        << true;
        QTest::newRow("azure's filter results")
            << QByteArray("data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n") << true;
        QTest::newRow("error null") << QByteArray("data: {\"error\":null,\"choices\":[{}]}\n\n") << true;
        QTest::newRow("error") << QByteArray("data: {\"error\":{\"code\":429,\"message\":\"slow\"}}\n\n") << false;
        QTest::newRow("error event") << QByteArray("event: error\ndata: {\"message\":\"no\"}\n\n") << false;
        QTest::newRow("raw json error") << QByteArray("{\"error\":{\"message\":\"no\"}}") << false;
        QTest::newRow("google's array") << QByteArray("[{\"error\":{\"code\":503,\"message\":\"no\"}}]") << false;
        QTest::newRow("done at once") << QByteArray("data: [DONE]\n\n") << false;
        QTest::newRow("no json") << QByteArray("data: hello\n\n") << false;
        QTest::newRow("html") << QByteArray("<html>502</html>\n\n") << false;
        QTest::newRow("null") << QByteArray("data: null\n\n") << false;
    }
    void theFirstEventDecides()
    {
        QFETCH(QByteArray, stream);
        QFETCH(bool, usable);
        const Seen seen = feed(stream.toStdString(), false);
        QCOMPARE(seen.first == ChatStreamWatch::First::Usable, usable);
        QCOMPARE(seen.first == ChatStreamWatch::First::Unusable, !usable);
    }

    void anErrorInTheFirstEventKeepsItsStatus()
    {
        ChatStreamWatch watch(false);
        std::vector<std::string_view> out;
        watch.feed("data: {\"error\":{\"code\":429,\"message\":\"slow down\"}}\n\n", out);
        QCOMPARE(watch.look().innerStatus, 429);
        QVERIFY(watch.look().error && watch.look().error->message == "slow down");
    }

    void aLaterErrorAndAMissingEndAreNoticed()
    {
        const std::string start = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
        QVERIFY(feed(start + "data: {\"error\":{\"message\":\"x\"}}\n\n", true).errorLater);
        QVERIFY(!feed(start, false).whole);
        QVERIFY(feed(start + done, false).whole);
        QVERIFY(feed(start + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n", false).whole);
        QVERIFY(!feed(start + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":null}]}\n\n", false).whole);
        QVERIFY(!feed(start + "data: {\"choices\":[{\"delta\":{\"content\":\"say [DONE] now\"}}]}\n\n", false).whole);
    }

    void theLastUsageCountsAndIsNeverAdded()
    {
        const std::string chunk =
            "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":";
        const Seen seen = feed(chunk + "2}}\n\n" + chunk + "5}}\n\n" + done, true);
        QCOMPARE(seen.usage->total, std::int64_t(6));
        QVERIFY(seen.out.find("\"completion_tokens\":5") != std::string::npos); // with choices it is no extra chunk
        QCOMPARE(
            feed("data: {\"choices\":[{}],\"x_groq\":{\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3}}}\n\n",
                 false)
                .usage->total,
            std::int64_t(5));
    }

    void theTextThatCameIsCounted()
    {
        const auto textIn = [](const std::string &event) {
            ChatStreamWatch watch(true);
            std::vector<std::string_view> out;
            watch.feed("data: " + event + "\n\n", out);
            return watch.textBytes();
        };
        const auto delta = [&](const std::string &members) {
            return textIn("{\"id\":\"text\",\"choices\":[{\"index\":0,\"delta\":{" + members + "}}]}");
        };
        QCOMPARE(delta("\"role\":\"assistant\",\"content\":\"\""), 0);
        QCOMPARE(delta("\"content\":\"four\""), 4);
        QCOMPARE(delta("\"content\" : \"a\\\"b\\n\""), 6);
        QCOMPARE(delta("\"content\":null,\"reasoning_content\":\"hm\""), 2);
        QCOMPARE(delta("\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"content\\\":1}\"}}]"), 15);
        QCOMPARE(textIn("{\"choices\":[{\"text\":\"old\"}]}"), 3);
        QVERIFY(textIn("{\"choices\":[{\"delta\":{\"content\":\"cut") >= 3);
        QCOMPARE(textIn("\"content\""), 0);
        QVERIFY(textIn("\"content\":\"\\") >= 1);
    }

    void aUsageChunkThatSaysNothingIsHiddenToo()
    {
        const Seen seen = feed(plainStream + "data: {\"choices\":[],\"usage\":{}}\n\n" + done, true);
        QCOMPARE(seen.out, plainStream + done);
        QVERIFY(!seen.usage);
    }

    void anEventTooLargeToHoldIsLetGo()
    {
        ChatStreamWatch watch(true);
        std::vector<std::string_view> out;
        const std::string big = "data: {\"x\":\"" + std::string(200000, 'a');
        watch.feed("data: {\"choices\":[{}]}\n\n", out);
        out.clear();
        watch.feed(big, out);
        std::size_t bytes = 0;
        for (auto piece : out)
            bytes += piece.size();
        QCOMPARE(bytes, big.size());
    }

    void nothingOfALargeEventIsLostHoweverItComes()
    {
        const std::string small = "data: {\"choices\":[{\"delta\":{}}]}\n\n";
        const std::string large =
            "data: {\"choices\":[{\"delta\":{\"content\":\"" + std::string(3 << 20, 'a') + "\"}}]}\n\n";
        for (const std::string &stream : {small + large + small, large + small, large}) {
            for (const bool hide : {false, true}) {
                for (const std::size_t size : {std::size_t(100000), std::size_t(1) << 20, std::size_t(2) << 20}) {
                    std::vector<std::size_t> cuts;
                    for (std::size_t at = size; at < stream.size(); at += size)
                        cuts.push_back(at);
                    const Seen seen = feed(stream, hide, cuts);
                    QVERIFY(seen.out == stream);
                    QVERIFY(seen.first == ChatStreamWatch::First::Usable);
                }
            }
        }
    }

    void aLargeAnswerThatIsNoStreamIsUnusable()
    {
        const std::string page = "<html>" + std::string(3 << 20, 'a');
        QVERIFY(feed(page, false, {100000, 2000000}).first == ChatStreamWatch::First::Unusable);
    }
};

QTEST_APPLESS_MAIN(TestChatStreamWatch)
#include "test_chatstreamwatch.moc"
