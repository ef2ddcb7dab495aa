// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/chunkframing.h"

#include <QTest>
#include <string>

using keymux::ChunkFraming;

namespace {

struct Outcome {
    bool ended = false, malformed = false;
    std::size_t taken = 0;
    std::int64_t content = 0;
    std::string text;
    bool operator==(const Outcome &) const = default;
};

/// Feeds the pieces that the cuts make; what is left over after the end is not fed.
Outcome feed(std::string_view bytes, std::initializer_list<std::size_t> cuts = {})
{
    ChunkFraming framing;
    Outcome outcome;
    std::size_t from = 0;
    const auto piece = [&](std::size_t to) {
        if (framing.ended() || framing.malformed())
            return;
        std::vector<std::string_view> pieces;
        outcome.taken += framing.feed(bytes.substr(from, to - from), &pieces);
        for (const std::string_view p : pieces)
            outcome.text += p;
        from = to;
    };
    for (const std::size_t cut : cuts)
        piece(cut);
    piece(bytes.size());
    outcome.ended = framing.ended();
    outcome.malformed = framing.malformed();
    outcome.content = framing.content();
    return outcome;
}

const std::string twoChunks = "5\r\nhello\r\n6;name=\"a b\"\r\n world\r\n0\r\nX-Sum: 11\r\nX-More: y\r\n\r\n";

} // namespace

class ChunkFramingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsContentWithoutTheFraming()
    {
        const Outcome outcome = feed(twoChunks);
        QVERIFY(outcome.ended);
        QCOMPARE(outcome.content, std::int64_t(11));
        QCOMPARE(outcome.text, std::string("hello world"));
        QCOMPARE(outcome.taken, twoChunks.size());
    }

    void itDoesNotMatterWhereThePiecesAreCut()
    {
        const Outcome whole = feed(twoChunks);
        for (std::size_t first = 0; first <= twoChunks.size(); ++first) {
            for (std::size_t second = first; second <= twoChunks.size(); ++second)
                QVERIFY2(feed(twoChunks, {first, second}) == whole,
                         qPrintable(QStringLiteral("cut at %1 and %2").arg(first).arg(second)));
        }
    }

    void aByteAtATimeIsTheSame()
    {
        ChunkFraming framing;
        for (std::size_t i = 0; i < twoChunks.size(); ++i) {
            QVERIFY(!framing.ended());
            QCOMPARE(framing.feed(std::string_view(twoChunks).substr(i, 1)), std::size_t(1));
        }
        QVERIFY(framing.ended());
        QCOMPARE(framing.content(), std::int64_t(11));
    }

    void whatFollowsTheEndIsLeftAlone()
    {
        const std::string bytes = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
        const Outcome outcome = feed(bytes);
        QVERIFY(outcome.ended);
        QCOMPARE(outcome.taken, std::size_t(11));
    }

    void hexadecimalSizesAreReadInBothCases()
    {
        for (const char *size : {"1a", "1A", "0001a"}) {
            const Outcome outcome = feed(size + std::string("\r\n") + std::string(26, 'x') + "\r\n0\r\n\r\n");
            QVERIFY2(outcome.ended && outcome.content == 26, size);
        }
    }

    void malformedFramingIsNoticedAtEverySplit_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("no size") << QByteArray("\r\nhello");
        QTest::newRow("no hexadecimal digit") << QByteArray("g\r\n");
        QTest::newRow("negative") << QByteArray("-1\r\n");
        QTest::newRow("plus sign") << QByteArray("+5\r\nhello\r\n");
        QTest::newRow("0x") << QByteArray("0x5\r\nhello\r\n");
        QTest::newRow("space before the size") << QByteArray(" 5\r\nhello\r\n");
        QTest::newRow("space after the size") << QByteArray("5 \r\nhello\r\n");
        QTest::newRow("too many digits") << QByteArray("000000005\r\nhello\r\n");
        QTest::newRow("larger than 32 bits") << QByteArray("100000000\r\n");
        QTest::newRow("bare LF after the size") << QByteArray("5\nhello\r\n");
        QTest::newRow("bare CR after the size") << QByteArray("5\rhello\r\n");
        QTest::newRow("extension without a size") << QByteArray(";a=b\r\n");
        QTest::newRow("bare LF in an extension") << QByteArray("5;a\nhello\r\n");
        QTest::newRow("bare CR in an extension") << QByteArray("5;a\rb\r\nhello\r\n");
        QTest::newRow("content longer than its size") << QByteArray("5\r\nhello!\r\n");
        QTest::newRow("content shorter than its size") << QByteArray("5\r\nhell\r\n0\r\n\r\n");
        QTest::newRow("bare LF after the content") << QByteArray("5\r\nhello\n0\r\n\r\n");
        QTest::newRow("bare LF at the end") << QByteArray("0\r\n\n");
        QTest::newRow("bare LF after a trailer") << QByteArray("0\r\nA: b\n\r\n");
        QTest::newRow("bare CR in a trailer") << QByteArray("0\r\nA: \rb\r\n\r\n");
        QTest::newRow("NUL for a size") << QByteArray("\0\r\n", 3);
    }

    void malformedFramingIsNoticedAtEverySplit()
    {
        QFETCH(QByteArray, bytes);
        const std::string_view text(bytes.constData(), std::size_t(bytes.size()));
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            const Outcome outcome = feed(text, {cut});
            QVERIFY2(outcome.malformed && !outcome.ended, qPrintable(QString::number(cut)));
        }
    }

    void endlessExtensionsAndTrailersAreRefused()
    {
        QVERIFY(feed("5;" + std::string(20000, 'x')).malformed);
        QVERIFY(feed("0\r\nA: " + std::string(20000, 'x')).malformed);
        std::string manySmallOnes;
        for (int i = 0; i < 3000; ++i)
            manySmallOnes += "1;extended\r\nx\r\n";
        QVERIFY(feed(manySmallOnes).malformed);
    }

    void extensionsAndTrailersOfAReasonableSizePass()
    {
        QVERIFY(
            feed("5;" + std::string(8000, 'x') + "\r\nhello\r\n0\r\nA: " + std::string(8000, 'x') + "\r\n\r\n").ended);
    }

    void aTruncatedBodyNeitherEndsNorIsMalformed()
    {
        for (std::size_t size = 0; size < twoChunks.size(); ++size) {
            const Outcome outcome = feed(std::string_view(twoChunks).substr(0, size));
            QVERIFY(!outcome.ended && !outcome.malformed);
        }
    }
};

QTEST_APPLESS_MAIN(ChunkFramingTest)
#include "test_chunkframing.moc"
