// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/log.h"
#include "log/logring.h"
#include "support/show.h"

#include <QScopeGuard>
#include <thread>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr TimePoint at{Millis(1764028800123)};

Texts messages(const std::vector<LogEntry> &entries)
{
    Texts texts;
    for (const LogEntry &entry : entries)
        texts.push_back(std::to_string(entry.number) + ' ' + entry.message);
    return texts;
}

} // namespace

class LogRingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void linesComeNewestFirst()
    {
        LogRing ring;
        QCOMPARE(ring.last(), 0U);
        for (const char *text : {"a", "b", "c"})
            ring.add(at, LogLevel::Info, "rate", text);
        QCOMPARE(messages(ring.newest({})), (Texts{"3 c", "2 b", "1 a"}));
        QCOMPARE(ring.newest({.limit = 1}).front(),
                 (LogEntry{.number = 3, .at = at, .level = LogLevel::Info, .category = "rate", .message = "c"}));
        QCOMPARE(messages(ring.newest({.after = 1})), (Texts{"3 c", "2 b"}));
        QCOMPARE(messages(ring.newest({.before = 3})), (Texts{"2 b", "1 a"}));
        QCOMPARE(messages(ring.newest({.after = 3})), Texts{});
        QCOMPARE(ring.last(), 3U);
    }

    void aLevelLetsWorseOnesThrough()
    {
        LogRing ring;
        for (const LogLevel level : {LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error})
            ring.add(at, level, "server", logLevelName(level));
        QCOMPARE(messages(ring.newest({.level = LogLevel::Warning})), (Texts{"4 error", "3 warning"}));
        QCOMPARE(messages(ring.newest({.level = LogLevel::Debug, .limit = 9})).size(), 4U);
        for (const LogLevel level : {LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error})
            QCOMPARE(*logLevelOf(logLevelName(level)), level);
        QVERIFY(!logLevelOf("loud"));
        QVERIFY(!logLevelOf(""));
    }

    void theOldestLinesGo()
    {
        LogRing byCount(3), byBytes(1000, 4096);
        for (int i = 1; i <= 10; ++i) {
            byCount.add(at, LogLevel::Info, "rate", std::to_string(i));
            byBytes.add(at, LogLevel::Info, "rate", std::string(1024, char('0' + i % 10)));
        }
        QCOMPARE(messages(byCount.newest({})), (Texts{"10 10", "9 9", "8 8"}));
        QCOMPARE(byBytes.newest({}).size(), 3U);
        QCOMPARE(byBytes.newest({}).back().number, 8U);
    }

    void aVeryLongLineIsCutBetweenCharacters()
    {
        LogRing ring;
        std::string text;
        while (text.size() < 100000)
            text += "ü";
        ring.add(at, LogLevel::Info, "rate", text);
        ring.add(at, LogLevel::Info, "rate", 'x' + text);
        for (const LogEntry &entry : ring.newest({})) {
            QVERIFY(entry.message.size() > 4000 && entry.message.size() <= 4096);
            QVERIFY(entry.message.ends_with("ü…"));
        }
    }

    void whatIsLoggedIsKeptFromEveryThread()
    {
        LogRing ring(100000);
        startLogging(LogFormat::Text, "error");
        keepLogLines(&ring);
        const auto forget = qScopeGuard([] { keepLogLines(nullptr); });
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([] {
                for (int i = 0; i < 500; ++i)
                    qCCritical(lcRate, "line %d", i);
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        qCWarning(lcRate, "below the level");
        const auto lines = ring.newest({});
        QCOMPARE(lines.size(), 2000U);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            QCOMPARE(lines[i].number, 2000 - i);
            QCOMPARE(lines[i].category, std::string("rate"));
            QVERIFY(lines[i].level == LogLevel::Error);
        }
        keepLogLines(nullptr);
        qCCritical(lcRate, "kept by nobody");
        QCOMPARE(ring.last(), 2000U);
    }
};

QTEST_APPLESS_MAIN(LogRingTest)
#include "test_logring.moc"
