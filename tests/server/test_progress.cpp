// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/progress.h"

#include <QtTest>
#include <sstream>

using namespace keymux;

class TestProgress : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theBarFitsAndSaysHowMany()
    {
        QCOMPARE(progressBar(0, 4, 21), std::string("[..............] 0/4"));
        QCOMPARE(progressBar(2, 4, 21), std::string("[#######.......] 2/4"));
        QCOMPARE(progressBar(4, 4, 21), std::string("[##############] 4/4"));
        QVERIFY(progressBar(10, 500, 200).size() < 80);
        QVERIFY(progressBar(10, 500, 1).size() < 20);
        QCOMPARE(progressBar(0, 0, 13), std::string("[######] 0/0"));
    }

    void linesStayAboveTheBarWhichGoesInTheEnd()
    {
        std::ostringstream out;
        {
            Progress progress(out, true, 21);
            progress.step(1, 2);
            progress.line("key a: refused");
        }
        QCOMPARE(out.str(),
                 std::string("\r\033[K[#######.......] 1/2\r\033[Kkey a: refused\n[#######.......] 1/2\r\033[K"));
    }

    void withoutATerminalThereAreLinesAlone()
    {
        std::ostringstream out;
        {
            Progress progress(out, false, 21);
            progress.step(1, 2);
            progress.line("key a: good");
        }
        QCOMPARE(out.str(), std::string("key a: good\n"));
    }
};

QTEST_GUILESS_MAIN(TestProgress)
#include "test_progress.moc"
