// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/sourcepatience.h"

#include <QtTest>

using namespace keymux;

/// How long a source that failed is left alone.
class SourcePatienceTest : public QObject {
    Q_OBJECT

    TimePoint m_now{Millis(1000)};
    static Error error(const char *text) { return {"secret_unreachable", text}; }

private Q_SLOTS:
    void init() { m_now = TimePoint(Millis(1000)); }

    void eachFailureDoublesTheTimeUpToTheLongest()
    {
        SourcePatience one([this] { return m_now; }, Millis(1000));
        QVERIFY(!one.inForce());
        for (const int wait : {250, 500, 1000, 1000}) {
            one.failed(error("down"), {});
            m_now += Millis(wait - 1);
            QCOMPARE(one.inForce().value().message, std::string("down"));
            m_now += Millis(1);
            QVERIFY(!one.inForce());
        }
        one.worked();
        one.failed(error("down"), {});
        m_now += Millis(250);
        QVERIFY(!one.inForce());
    }

    void failuresSideBySideAreOne()
    {
        SourcePatience one([this] { return m_now; }, Millis(1000));
        for (int i = 0; i < 16; ++i)
            one.failed(error("down"), {});
        m_now += Millis(250);
        QVERIFY(!one.inForce());
    }

    void whatTheServerAsksForIsGivenWithinBounds()
    {
        SourcePatience one([this] { return m_now; }, Millis(1000));
        one.failed(error("down"), {});
        one.failed(error("limited"), Millis(30000)); // more than what is running
        m_now += Millis(29999);
        QCOMPARE(one.inForce().value().message, std::string("limited"));
        m_now += Millis(1);
        QVERIFY(!one.inForce());
        one.failed(error("limited"), Millis(86400000));
        m_now += Millis(300000);
        QVERIFY(!one.inForce());
    }
};

QTEST_APPLESS_MAIN(SourcePatienceTest)
#include "test_sourcepatience.moc"
