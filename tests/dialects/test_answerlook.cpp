// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/answerlook.h"

#include <QtTest>

using namespace keymux;

class TestAnswerLook : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anAnswerWithChoicesIsUsable()
    {
        const AnswerLook look = lookAtAnswer(
            "{\"choices\":[{\"message\":{\"content\":\"hi\"}}],\"usage\":{\"total_tokens\":7}}", Endpoint::Chat);
        QVERIFY(look.usable && look.why.empty() && !look.error);
        QCOMPARE(look.usage->total, std::int64_t(7));
        QVERIFY(lookAtAnswer("{\"choices\":[{\"text\":\"hi\"}]}", Endpoint::Completions).usable);
        QVERIFY(lookAtAnswer(" \n{\"error\":null,\"choices\":[{}]}\n", Endpoint::Chat).usable);
    }

    void embeddingsAreInData()
    {
        QVERIFY(lookAtAnswer("{\"data\":[{\"embedding\":[0.1]}]}", Endpoint::Embeddings).usable);
        QVERIFY(!lookAtAnswer("{\"data\":[{}]}", Endpoint::Chat).usable);
        QCOMPARE(lookAtAnswer("{\"data\":[]}", Endpoint::Embeddings).why, std::string("an answer without data"));
    }

    void whatCannotBeUsedSaysWhy_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("why");
        const auto row = [](const char *body, const char *why) {
            QTest::newRow(body) << QByteArray(body) << QByteArray(why);
        };
        row("", "an empty answer");
        row("  \n", "an empty answer");
        row("{\"choices\":[]}", "an answer without choices");
        row("{\"choices\":null}", "an answer without choices");
        row("{}", "an answer without choices");
        row("{\"choices\":[{\"message\":{\"con", "an answer that is not one whole JSON object");
        row("<html>", "an answer that is not one whole JSON object");
        row("null", "an answer that is not one whole JSON object");
        row("[]", "an answer that is not one whole JSON object");
        row("{\"choices\":[{}]}{}", "an answer that is not one whole JSON object");
        row("{\"error\":{\"message\":\"no\"}}", "a 200 with an error inside");
        row("{\"choices\":[{}],\"error\":{\"message\":\"no\"}}", "a 200 with an error inside");
        row("[{\"error\":{\"code\":429,\"message\":\"no\"}}]", "a 200 with an error inside");
    }
    void whatCannotBeUsedSaysWhy()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, why);
        const AnswerLook look = lookAtAnswer(body.toStdString(), Endpoint::Chat);
        QVERIFY(!look.usable);
        QCOMPARE(look.why, why.toStdString());
    }

    void anErrorInsideKeepsItsStatusAndWords()
    {
        const AnswerLook look = lookAtAnswer(
            "[{\"error\":{\"code\":429,\"message\":\"slow down\",\"status\":\"RESOURCE_EXHAUSTED\"}}]", Endpoint::Chat);
        QCOMPARE(look.innerStatus, 429);
        QCOMPARE(look.error->message, std::string("slow down"));
        QCOMPARE(look.error->status, std::string("RESOURCE_EXHAUSTED"));
        QCOMPARE(lookAtAnswer("{\"error\":{\"code\":\"503\"}}", Endpoint::Chat).innerStatus, 503);
        QCOMPARE(lookAtAnswer("{\"error\":{\"code\":\"rate_limit\"}}", Endpoint::Chat).innerStatus, 0);
        QCOMPARE(lookAtAnswer("{\"error\":{\"code\":4290}}", Endpoint::Chat).innerStatus, 0);
        QCOMPARE(lookAtAnswer("{\"error\":{\"code\":-42}}", Endpoint::Chat).innerStatus, 0);
    }

    void anAnswerNestedDeepDoesNoHarm()
    {
        const std::string deep = "{\"choices\":" + std::string(500000, '[') + std::string(500000, ']') + "}";
        QVERIFY(!lookAtAnswer(deep, Endpoint::Chat).usable);
        // Small enough to be read as an error, and a list in a list in a list …
        const std::string error = std::string(32000, '[') + "\"error\"" + std::string(32000, ']');
        QVERIFY(!lookAtAnswer(error, Endpoint::Chat).usable);
    }
};

QTEST_APPLESS_MAIN(TestAnswerLook)
#include "test_answerlook.moc"
