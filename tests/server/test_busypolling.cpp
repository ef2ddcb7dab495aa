// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/busypolling.h"

#include <QTest>

using namespace keymux;

class TestBusyPolling : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void goesOnWhileAnswersComeSoon()
    {
        BusyPolling polling;
        for (int wait = 0; wait < 10000; ++wait) {
            QVERIFY(polling.worthIt());
            polling.hit();
        }
    }

    void leavesLongWaitsAlone()
    {
        BusyPolling polling;
        int polled = 0;
        for (int wait = 0; wait < 100'000; ++wait) {
            if (!polling.worthIt())
                continue;
            ++polled;
            polling.miss();
        }
        // Ten looks to find out, which leave 1 + 3 + 7 + … + 1,023 waits alone, then one in 1,024.
        QCOMPARE(polled, 10 + (100'000 - 10 - 2036 + BusyPolling::mostSkipped) / (BusyPolling::mostSkipped + 1));
    }

    void oneHitIsEnoughToComeBack()
    {
        BusyPolling polling;
        int skipped = 0;
        for (int looks = 0; looks < 12;) {
            if (polling.worthIt()) {
                polling.miss();
                ++looks;
            }
        }
        while (!polling.worthIt())
            ++skipped;
        QCOMPARE(skipped, BusyPolling::mostSkipped);
        polling.hit();
        QVERIFY(polling.worthIt());
        polling.miss();
        QVERIFY(!polling.worthIt());
        QVERIFY(polling.worthIt());
    }

    void looksOnlyWhileOneThingComesAtATime()
    {
        BusyPolling polling;
        polling.brought(1);
        QVERIFY(polling.worthIt());
        polling.hit();
        polling.brought(2);
        QVERIFY(!polling.worthIt());
        polling.brought(1);
        QVERIFY(polling.worthIt());
    }
};

QTEST_APPLESS_MAIN(TestBusyPolling)
#include "test_busypolling.moc"
