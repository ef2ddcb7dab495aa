// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/feedback.h"

#include <QtTest>

using namespace keymux;

namespace {

const TimePoint now{Millis(1'795'465'800'000)}; // 2026-11-23T20:30:00Z

std::int64_t duration(const char *text)
{
    const auto d = parseDuration(text);
    return d ? d->count() : -1;
}

std::int64_t hint(std::vector<std::pair<std::string, std::string>> headers)
{
    const auto d = waitHint(headers, now);
    return d ? d->count() : -1;
}

} // namespace

class TestWaitHint : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void durationsAreReadAsProvidersWriteThem()
    {
        QCOMPARE(duration("20ms"), 20);
        QCOMPARE(duration("1s"), 1000);
        QCOMPARE(duration("6m0s"), 360000);
        QCOMPARE(duration("2m59.56s"), 179560);
        QCOMPARE(duration("1h2m3s"), 3723000);
        QCOMPARE(duration("34.074824224s"), 34075);
        QCOMPARE(duration("\"38s\""), 38000);
        QCOMPARE(duration("12"), 12000);
        QCOMPARE(duration("0s"), 0);
        for (const char *bad :
             {"", "abc", "-1", "-3s", "1x", "s", "1e99", "nan", "inf", "99999999999999999999h", "1s2"})
            QCOMPARE(duration(bad), -1);
    }

    void headersAreReadInTheirOrder()
    {
        QCOMPARE(hint({{"retry-after", "5"}, {"retry-after-ms", "1500.5"}}), 1501);
        QCOMPARE(hint({{"retry-after", "2.5"}}), 2500);
        QCOMPARE(hint({{"retry-after", "Mon, 23 Nov 2026 20:30:42 GMT"}}), 42000);
        QCOMPARE(hint({{"retry-after", "Mon, 23 Nov 2026 20:00:00 GMT"}}), 0);
        QCOMPARE(hint({{"x-ratelimit-remaining-tokens", "0"},
                       {"x-ratelimit-reset-tokens", "6m0s"},
                       {"x-ratelimit-reset-requests", "1s"},
                       {"x-ratelimit-remaining-requests", "9"}}),
                 360000);
        QCOMPARE(hint({{"anthropic-ratelimit-tokens-remaining", "0"},
                       {"anthropic-ratelimit-tokens-reset", "2026-11-23T20:31:00Z"}}),
                 60000);
        QCOMPARE(hint({{"x-ratelimit-reset", "1795465860"}}), 60000);
        QCOMPARE(hint({{"x-ratelimit-reset", "1795465860000"}}), 60000);
        QCOMPARE(hint({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "-1"}}), -1);
        QCOMPARE(hint({{"retry-after", "garbage"}}), -1);
        QCOMPARE(hint({}), -1);
    }
};

QTEST_APPLESS_MAIN(TestWaitHint)
#include "test_waithint.moc"
