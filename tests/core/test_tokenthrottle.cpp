// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenthrottle.h"

#include <QTest>

using namespace keymux;

class TokenThrottleTest : public QObject {
    Q_OBJECT

private:
    static TimePoint at(int seconds) { return TimePoint(Millis(1000000LL + seconds * 1000LL)); }

private Q_SLOTS:
    void theTwentiethWrongTokenInAMinuteMustWait()
    {
        TokenThrottle throttle;
        for (int i = 0; i < 19; ++i)
            QVERIFY(!throttle.wrong("10.0.0.1", at(i)));
        const auto wait = throttle.wrong("10.0.0.1", at(19));
        QVERIFY(wait.has_value());
        QCOMPARE(wait->count(), 42000); // the second one leaves the window at 61 s
        QVERIFY(throttle.wrong("10.0.0.1", at(60)).has_value());
        QVERIFY(!throttle.wrong("10.0.0.2", at(60)));
    }

    void wrongTokensOlderThanAMinuteDoNotCount()
    {
        TokenThrottle throttle;
        for (int i = 0; i < 100; ++i)
            QVERIFY(!throttle.wrong("10.0.0.1", at(i * 4)));
    }

    void whatIsRememberedIsBounded()
    {
        TokenThrottle throttle;
        for (int i = 0; i < 10000; ++i)
            throttle.wrong("host-" + std::to_string(i), at(i / 1000));
        QVERIFY(throttle.addresses() <= TokenThrottle::maxAddresses);
    }
};

QTEST_APPLESS_MAIN(TokenThrottleTest)
#include "test_tokenthrottle.moc"
