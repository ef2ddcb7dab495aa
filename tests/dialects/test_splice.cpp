// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/requesthead.h"

#include <QtTest>
#include <nlohmann/json.hpp>

using namespace keymux;
using Json = nlohmann::ordered_json;

namespace {

SplicedBody splicedBody(std::string_view body, const BodyEdit &edit)
{
    const auto head = readRequestHead(body);
    if (!head)
        qFatal("%s", head.error().message.c_str());
    return splice(body, *head, edit);
}

std::string spliced(std::string_view body, const BodyEdit &edit)
{
    return splicedBody(body, edit).toString();
}

const std::string body = " {\t\"seed\" : 7 ,\n\"model\" :\"m\", \"user\":\"u\" , \"n\" : [ 1 , 2 ] }\r\n";

} // namespace

class TestSplice : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEditOfNothingLeavesEveryByte()
    {
        const SplicedBody same = splicedBody(body, {.model = "m"});
        QCOMPARE(same.toString(), body);
        QCOMPARE(same.pieces().size(), std::size_t(1));
        QVERIFY(same.pieces()[0].data() == body.data()); // not even copied
    }

    void renamingTheModelLeavesEveryOtherByte()
    {
        const std::string result = spliced(body, {.model = "a longer/name"});
        const std::size_t at = body.find("\"m\"");
        QCOMPARE(result, body.substr(0, at) + "\"a longer/name\"" + body.substr(at + 3));
    }

    void onlyWhatIsNewIsCopied()
    {
        const SplicedBody result = splicedBody(body, {.model = "x"});
        QCOMPARE(result.pieces().size(), std::size_t(3));
        QVERIFY(result.pieces()[0].data() == body.data());
        QVERIFY(result.pieces()[2].data() + result.pieces()[2].size() == body.data() + body.size());
        QCOMPARE(result.size(), result.toString().size());
    }

    void theFirstMemberIsDroppedWithItsComma()
    {
        QCOMPARE(spliced(body, {.model = "m", .drop = {"seed"}}),
                 std::string(" {\n\"model\" :\"m\", \"user\":\"u\" , \"n\" : [ 1 , 2 ] }\r\n"));
    }

    void aMiddleMemberIsDroppedWithItsComma()
    {
        QCOMPARE(spliced(body, {.model = "m", .drop = {"user"}}),
                 std::string(" {\t\"seed\" : 7 ,\n\"model\" :\"m\" , \"n\" : [ 1 , 2 ] }\r\n"));
    }

    void theLastMemberIsDroppedWithItsComma()
    {
        QCOMPARE(spliced(body, {.model = "m", .drop = {"n"}}),
                 std::string(" {\t\"seed\" : 7 ,\n\"model\" :\"m\", \"user\":\"u\" }\r\n"));
    }

    void everyMemberMayBeDropped()
    {
        QCOMPARE(spliced("{\"model\":\"m\"}", {.model = "x", .drop = {"model"}}), std::string("{}"));
        const std::string none = spliced(body, {.model = "x", .drop = {"model", "seed", "user", "n"}});
        QVERIFY(Json::parse(none).empty());
    }

    void whatIsNotThereIsDroppedAndRenamedInVain()
    {
        QCOMPARE(spliced(body, {.model = "m", .drop = {"x", ""}, .rename = {{"y", "z"}}}), body);
    }

    void nestedMembersOfThatNameStay()
    {
        const std::string nested =
            "{\"model\":\"m\",\"metadata\":{\"user\":\"u\",\"model\":\"m\",\"stream_options\":{}}}";
        QCOMPARE(spliced(nested, {.model = "m", .drop = {"user"}}), nested);
        const Json result = Json::parse(spliced(nested, {.model = "x", .askForUsage = true}));
        QCOMPARE(result["metadata"].dump(), Json::parse(nested)["metadata"].dump());
        QCOMPARE(result["stream_options"]["include_usage"], Json(true));
    }

    void escapedNamesAreDroppedAndRenamedToo()
    {
        QCOMPARE(spliced("{\"model\":\"m\",\"us\\u0065r\":1}", {.model = "m", .drop = {"user"}}),
                 std::string("{\"model\":\"m\"}"));
        QCOMPARE(spliced("{\"model\":\"m\",\"us\\u0065r\":1}", {.model = "m", .rename = {{"user", "n\"ame"}}}),
                 std::string("{\"model\":\"m\",\"n\\\"ame\":1}"));
    }

    void namesAreRenamedInPlace()
    {
        QCOMPARE(spliced("{ \"max_tokens\" : 5 ,\"model\":\"m\"}",
                         {.model = "m", .rename = {{"max_tokens", "max_completion_tokens"}}}),
                 std::string("{ \"max_completion_tokens\" : 5 ,\"model\":\"m\"}"));
    }

    void usageIsAskedForInEveryKindOfOptions_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        const char *ask = "\"stream_options\":{\"include_usage\":true";
        const auto row = [](const char *name, const QByteArray &before, const QByteArray &after) {
            QTest::newRow(name) << before << after;
        };
        row("none", "{\"model\":\"m\"}", QByteArray("{\"model\":\"m\",") + ask + "}}");
        row("none, with space", "{\"model\":\"m\" }", QByteArray("{\"model\":\"m\",") + ask + "} }");
        row("empty", "{\"model\":\"m\",\"stream_options\":{}}", QByteArray("{\"model\":\"m\",") + ask + "}}");
        row("space", "{\"model\":\"m\",\"stream_options\":{ \n}}", QByteArray("{\"model\":\"m\",") + ask + " \n}}");
        row("others", "{\"model\":\"m\",\"stream_options\":{ \"a\":1 }}",
            QByteArray("{\"model\":\"m\",") + ask + ", \"a\":1 }}");
        row("null", "{\"stream_options\":null,\"model\":\"m\"}", QByteArray("{") + ask + "},\"model\":\"m\"}");
    }
    void usageIsAskedForInEveryKindOfOptions()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        QCOMPARE(spliced(before.toStdString(), {.model = "m", .askForUsage = true}), after.toStdString());
    }

    void usageIsAskedForAlsoWhereTheRestIsDropped()
    {
        QCOMPARE(spliced("{\"model\":\"m\"}", {.model = "m", .askForUsage = true, .drop = {"model"}}),
                 std::string("{\"stream_options\":{\"include_usage\":true}}"));
    }

    void aProviderThatCannotTakeOptionsIsNotGivenAny()
    {
        const BodyEdit edit{.model = "m", .askForUsage = true, .drop = {"stream_options"}};
        QCOMPARE(spliced("{\"model\":\"m\",\"stream_options\":{\"a\":1}}", edit), std::string("{\"model\":\"m\"}"));
        QCOMPARE(spliced("{\"model\":\"m\"}", edit), std::string("{\"model\":\"m\"}"));
    }

    void aLargeBodyIsNotCopied()
    {
        const std::string large =
            "{\"model\":\"m\",\"messages\":[{\"content\":\"" + std::string(8 << 20, 'a') + "\"}]}";
        const SplicedBody result = splicedBody(large, {.model = "n", .askForUsage = true});
        std::size_t borrowed = 0;
        for (const std::string_view piece : result.pieces()) {
            if (piece.data() >= large.data() && piece.data() < large.data() + large.size())
                borrowed += piece.size();
        }
        QCOMPARE(borrowed, large.size() - 3);
    }
};

QTEST_APPLESS_MAIN(TestSplice)
#include "test_splice.moc"
