// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demoanswers.h"
#include "support/show.h"

using namespace keymux;
using testing::jsonAt;

class DemoAnswersTest : public QObject {
    Q_OBJECT

private:
    static DemoRequest chat(const std::string &extra = {})
    {
        const auto request = DemoRequest::read(
            DemoMethod::Chat,
            R"({"model":"gemini-2.0-flash","messages":[{"role":"user","content":"hi"}])" + extra + "}");
        return request ? *request : DemoRequest{};
    }
    static std::string textOf(const std::vector<std::string> &events)
    {
        std::string text;
        for (const std::string &event : events) {
            const std::string piece = jsonAt(event.substr(6), "/choices/0/delta/content");
            text += piece == "(absent)" || piece == "(not JSON)" ? "" : piece;
        }
        return text;
    }
    static constexpr const char *weatherTool =
        R"(,"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":)"
        R"({"city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["C","F"]}},"required":["city","days","unit"]}}}])";

private Q_SLOTS:
    void anAnswerNamesTheModelAndSaysItIsADemo()
    {
        const std::string answer = demoAnswer(chat(), 1795000000, "x");
        QCOMPARE(jsonAt(answer, "/model"), "gemini-2.0-flash");
        QVERIFY(jsonAt(answer, "/choices/0/message/content").find("gemini-2.0-flash") != std::string::npos);
        QVERIFY(jsonAt(answer, "/choices/0/message/content").find("demo") != std::string::npos);
        QCOMPARE(jsonAt(answer, "/choices/0/finish_reason"), "stop");
        QVERIFY(std::stoi(jsonAt(answer, "/usage/total_tokens")) > 0);
    }

    void aStreamSaysTheSameWordByWord()
    {
        const auto events = demoEvents(chat(R"(,"stream":true)"), 1795000000, "x");
        QCOMPARE(textOf(events), jsonAt(demoAnswer(chat(), 1795000000, "x"), "/choices/0/message/content"));
        QVERIFY(events.size() > 10);
        QCOMPARE(events.back(), "data: [DONE]\n\n");
        QCOMPARE(jsonAt(events[0].substr(6), "/choices/0/delta/role"), "assistant");
        QCOMPARE(jsonAt(events[events.size() - 2].substr(6), "/choices/0/finish_reason"), "stop");
    }

    void usageComesInAStreamOnlyWhenItWasAskedFor()
    {
        const auto silent = demoEvents(chat(R"(,"stream":true)"), 0, "x");
        for (const std::string &event : silent)
            QVERIFY(event.find("\"usage\"") == std::string::npos);
        const auto asked = demoEvents(chat(R"(,"stream":true,"stream_options":{"include_usage":true})"), 0, "x");
        QCOMPARE(asked.size(), silent.size() + 1);
        QCOMPARE(jsonAt(asked[asked.size() - 2].substr(6), "/choices"), "[]");
        QVERIFY(jsonAt(asked[asked.size() - 2].substr(6), "/usage/total_tokens") != "(absent)");
    }

    void aRequiredToolIsCalledWithWhatItsSchemaRequires()
    {
        for (const char *choice :
             {R"(,"tool_choice":"required")", R"(,"tool_choice":{"type":"function","function":{"name":"weather"}})"}) {
            const DemoRequest request = chat(std::string(weatherTool) + choice);
            const std::string answer = demoAnswer(request, 0, "x");
            QCOMPARE(jsonAt(answer, "/choices/0/message/tool_calls/0/function/name"), "weather");
            QCOMPARE(jsonAt(answer, "/choices/0/message/tool_calls/0/function/arguments"),
                     R"({"city":"demo","days":1,"unit":"C"})");
            QCOMPARE(jsonAt(answer, "/choices/0/finish_reason"), "tool_calls");
            const auto events = demoEvents(request, 0, "x");
            QCOMPARE(jsonAt(events[1].substr(6), "/choices/0/delta/tool_calls/0/index"), "0");
        }
    }

    void toolsThatAreOnlyOfferedAreAnsweredInWords()
    {
        QCOMPARE(jsonAt(demoAnswer(chat(weatherTool), 0, "x"), "/choices/0/finish_reason"), "stop");
    }

    void jsonModeAnswersAnObject()
    {
        const std::string answer = demoAnswer(chat(R"(,"response_format":{"type":"json_object"})"), 0, "x");
        QCOMPARE(jsonAt(jsonAt(answer, "/choices/0/message/content"), "/demo"), "true");
        const std::string schema = demoAnswer(
            chat(R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object",)"
                 R"("properties":{"ok":{"type":"boolean"}},"required":["ok"]}}})"),
            0, "x");
        QCOMPARE(jsonAt(schema, "/choices/0/message/content"), R"({"ok":true})");
    }

    void maxTokensCutsTheAnswerShort()
    {
        const std::string answer = demoAnswer(chat(R"(,"max_tokens":2)"), 0, "x");
        QCOMPARE(jsonAt(answer, "/choices/0/message/content"), "Hello from ");
        QCOMPARE(jsonAt(answer, "/choices/0/finish_reason"), "length");
    }

    void picturesAreTaken()
    {
        const auto request = DemoRequest::read(
            DemoMethod::Chat, R"({"model":"models/gemini-2.0-flash","messages":[{"role":"user","content":[)"
                              R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]})");
        QVERIFY(request.has_value());
        QCOMPARE(request->model, "gemini-2.0-flash");
    }

    void embeddingsAreTheSameForTheSameText()
    {
        const auto ask = [](const char *extra) {
            const auto request = DemoRequest::read(
                DemoMethod::Embedding,
                std::string(R"({"model":"gemini-embedding-001","input":["a","a","b"])") + extra + "}");
            return demoAnswer(*request, 0, "x");
        };
        const std::string floats = ask(R"(,"dimensions":4)");
        QCOMPARE(jsonAt(floats, "/data/0/embedding"), jsonAt(floats, "/data/1/embedding"));
        QVERIFY(jsonAt(floats, "/data/0/embedding") != jsonAt(floats, "/data/2/embedding"));
        QCOMPARE(testing::Json::parse(floats)["data"][0]["embedding"].size(), 4U);
        const std::string base64 = ask(R"(,"dimensions":4,"encoding_format":"base64")");
        QCOMPARE(QByteArray::fromBase64(QByteArray::fromStdString(jsonAt(base64, "/data/0/embedding"))).size(), 16);
    }

    void fieldsGoogleDoesNotTakeAreNamed()
    {
        for (const char *field : {"frequency_penalty", "store", "top_k", "logit_bias"}) {
            const auto request = DemoRequest::read(DemoMethod::Chat, R"({"model":"m","messages":[{}],")" +
                                                                         std::string(field) + R"(":1})");
            QVERIFY(!request);
            QCOMPARE(request.error().status, 400);
            QCOMPARE(jsonAt(request.error().body, "/0/error/message"),
                     "Invalid JSON payload received. Unknown name \"" + std::string(field) + "\": Cannot find field.");
        }
        for (const char *text : {"", "[]", "{}", R"({"model":"m"})", R"({"model":1,"messages":[{}]})", "{\"a\""})
            QVERIFY(!DemoRequest::read(DemoMethod::Chat, text));
    }

    void quotaErrorsAreGooglesOwn()
    {
        const DemoError error = demoQuotaError({DemoQuota::RequestsPerMinute, 6, Millis(34070)}, "gemini-2.0-flash");
        QCOMPARE(error.status, 429);
        QCOMPARE(jsonAt(error.body, "/0/error/code"), "429");
        QCOMPARE(jsonAt(error.body, "/0/error/details/1/violations/0/quotaValue"), "6");
        QVERIFY(jsonAt(error.body, "/0/error/details/1/violations/0/quotaId").find("PerMinute") != std::string::npos);
        QCOMPARE(jsonAt(error.body, "/0/error/details/2/retryDelay"), "34.07s");
        QVERIFY(demoQuotaError({DemoQuota::RequestsPerDay, 6, Millis(1)}, "m").body.find("PerDay") !=
                std::string::npos);
    }
};

QTEST_APPLESS_MAIN(DemoAnswersTest)
#include "test_demoanswers.moc"
