// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/retry.h"

#include <QtTest>

using namespace keymux;

namespace {

const TimePoint now{Millis(1'000'000)};

Feedback of(AnswerClass klass)
{
    Feedback feedback;
    feedback.klass = klass;
    return feedback;
}

} // namespace

class TestRetry : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void slowFailuresCountAndLimitsDoNot()
    {
        RetryWalk walk(3, now + Millis(1000));
        for (int i = 0; i < 50; ++i)
            QVERIFY(walk.next(of(AnswerClass::MinuteLimit), now) == NextStep::NextCandidate);
        QVERIFY(walk.next(of(AnswerClass::BadKey), now) == NextStep::NextCandidate);
        QVERIFY(!walk.failedOtherwise());
        QVERIFY(walk.next(of(AnswerClass::Overload), now) == NextStep::NextCandidate);
        QVERIFY(walk.next(of(AnswerClass::Network), now) == NextStep::NextCandidate);
        QVERIFY(walk.next(of(AnswerClass::Broken), now) == NextStep::GiveUp);
        QVERIFY(walk.failedOtherwise());
    }

    void theDeadlineEndsEveryWalk()
    {
        RetryWalk walk(100, now);
        QVERIFY(walk.next(of(AnswerClass::MinuteLimit), now) == NextStep::GiveUp);
        QVERIFY(walk.next(of(AnswerClass::Overload), now) == NextStep::GiveUp);
        QVERIFY(walk.next(of(AnswerClass::ClientFault), now) == NextStep::PassOn);
    }

    void theClientsOwnFaultIsPassedOnAtOnce()
    {
        QVERIFY(RetryWalk(6, now + Millis(1)).next(of(AnswerClass::ClientFault), now) == NextStep::PassOn);
    }

    void theSecond404IsTheClients()
    {
        RetryWalk walk(6, now + Millis(1));
        QVERIFY(walk.next(of(AnswerClass::ModelMissing), now) == NextStep::NextCandidate);
        QCOMPARE(walk.notFound(), 1);
        QVERIFY(walk.next(of(AnswerClass::ModelMissing), now) == NextStep::NotFound);
    }

    void fieldsAreDroppedOneByOneButNotForEver()
    {
        RetryWalk walk(6, now + Millis(1));
        for (int i = 0; i < 8; ++i)
            QVERIFY(walk.next(of(AnswerClass::UnknownField), now) == NextStep::SameWithoutField);
        QVERIFY(walk.next(of(AnswerClass::UnknownField), now) == NextStep::PassOn);
    }

    void onlyTimeoutsMakeATimeout()
    {
        RetryWalk walk(6, now + Millis(1));
        walk.next(of(AnswerClass::Timeout), now);
        QVERIFY(walk.timedOut());
        walk.next(of(AnswerClass::Overload), now);
        QVERIFY(!walk.timedOut());
        walk.next(of(AnswerClass::Timeout), now);
        QVERIFY(!walk.timedOut());
    }
};

QTEST_APPLESS_MAIN(TestRetry)
#include "test_retry.moc"
