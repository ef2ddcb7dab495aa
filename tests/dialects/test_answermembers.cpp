// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/answermembers.h"

#include <QtTest>

using namespace keymux;

class TestAnswerMembers : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aWholeAnswerIsOneObjectAndNothingElse()
    {
        for (const char *text : {"{}", " {\"choices\":[]} \n", "{\"a\":{\"b\":[1]}}"})
            QVERIFY2(readAnswerMembers(text, "choices").whole, text);
        for (const char *text : {"", "  ", "null", "[]", "{", "{}x", "{}{}", "{\"a\":}", "{\"a\":1", "{\"choices\":[}",
                                 "data: {}", "{\"a\":\"\xff\"}"})
            QVERIFY2(!readAnswerMembers(text, "choices").whole, text);
    }

    void anErrorIsAnErrorUnlessItIsNull()
    {
        QVERIFY(readAnswerMembers("{\"error\":{}}", "choices").hasError);
        QVERIFY(readAnswerMembers("{\"error\":\"x\"}", "choices").hasError);
        QVERIFY(readAnswerMembers("{\"error\":false}", "choices").hasError);
        QVERIFY(readAnswerMembers("{\"error\":null,\"error\":{}}", "choices").hasError);
        QVERIFY(!readAnswerMembers("{\"error\":null}", "choices").hasError);
        QVERIFY(!readAnswerMembers("{\"choices\":[{\"error\":{}}]}", "choices").hasError);
    }

    void contentIsAnArrayThatMayBeEmpty()
    {
        const auto present = [](const char *text) { return readAnswerMembers(text, "choices").contentPresent; };
        const auto empty = [](const char *text) { return readAnswerMembers(text, "choices").contentEmpty; };
        QVERIFY(present("{\"choices\":[{}]}") && !empty("{\"choices\":[{}]}"));
        QVERIFY(present("{\"choices\":[]}") && empty("{\"choices\":[]}"));
        QVERIFY(present("{\"choices\":[ \n ]}") && empty("{\"choices\":[ \n ]}"));
        QVERIFY(!empty("{\"choices\":[ \n 1 ]}"));
        for (const char *text :
             {"{}", "{\"choices\":null}", "{\"choices\":{}}", "{\"choices\":\"[1]\"}", "{\"data\":[1]}"})
            QVERIFY2(!present(text) && empty(text), text);
        QVERIFY(!readAnswerMembers("{\"data\":[1]}", "data").contentEmpty);
    }

    void usageIsReadInOpenAisTerms()
    {
        const auto usage = readUsage("{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,"
                                     "\"prompt_tokens_details\":{\"cached_tokens\":4,\"audio_tokens\":1},"
                                     "\"completion_tokens_details\":{\"reasoning_tokens\":3}}");
        QVERIFY(usage && *usage == (TokenUsage{10, 5, 15, 4, 3}));
    }

    void aMissingTotalIsTheSum()
    {
        QCOMPARE(readUsage("{\"prompt_tokens\":10,\"completion_tokens\":5}")->total, std::int64_t(15));
        QCOMPARE(readUsage("{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":3}")->total,
                 std::int64_t(15));
    }

    void whatOnlyTheTotalHasWasThought()
    {
        // Google's OpenAI path: 500 tokens of thinking stand in the total alone.
        QVERIFY(*readUsage("{\"completion_tokens\":20,\"prompt_tokens\":10,\"total_tokens\":530}") ==
                (TokenUsage{.prompt = 10, .completion = 520, .total = 530, .cached = 0, .reasoning = 500}));
        // xAI's: told, but not counted as completion.
        QVERIFY(*readUsage("{\"prompt_tokens\":10,\"completion_tokens\":20,\"total_tokens\":130,"
                           "\"completion_tokens_details\":{\"reasoning_tokens\":100}}") ==
                (TokenUsage{.prompt = 10, .completion = 120, .total = 130, .cached = 0, .reasoning = 100}));
    }

    void embeddingsHaveAPromptAlone()
    {
        QVERIFY(*readUsage("{\"prompt_tokens\":8,\"total_tokens\":8}") == (TokenUsage{.prompt = 8, .total = 8}));
        QVERIFY(*readUsage("{\"total_tokens\":8}") == (TokenUsage{.prompt = 8, .total = 8}));
    }

    void cachedTokensAreFoundWhereverTheyAreTold()
    {
        const auto cached = [](const std::string &more) {
            return readUsage("{\"prompt_tokens\":10,\"completion_tokens\":1," + more + "}")->cached;
        };
        QCOMPARE(cached("\"prompt_tokens_details\":{\"cached_tokens\":4}"), 4);
        QCOMPARE(cached("\"prompt_cache_hit_tokens\":4,\"prompt_cache_miss_tokens\":6"), 4);
        QCOMPARE(cached("\"cached_tokens\":4"), 4);
        QCOMPARE(cached("\"cached_tokens\":4,\"prompt_tokens_details\":{\"cached_tokens\":4}"), 4);
        QCOMPARE(cached("\"cached_tokens\":40"), 10); // no more than there were
    }

    void aUsageThatCountsNothingIsNone()
    {
        QVERIFY(!readUsage("{}"));
        QVERIFY(!readUsage("{\"prompt_tokens\":0,\"total_tokens\":0}"));
        const AnswerMembers members = readAnswerMembers("{\"choices\":[],\"usage\":{}}", "choices");
        QVERIFY(members.usagePresent && !members.usage);
        QVERIFY(!readAnswerMembers("{\"choices\":[],\"usage\":null}", "choices").usagePresent);
    }

    void usageIsFoundAtTheEndOfALargeAnswer()
    {
        const std::string usage = "\"usage\" : {\"prompt_tokens\":7,\"total_tokens\":7}";
        QCOMPARE(findUsage("5,0.25]}],\"model\":\"m\"," + usage + "}\n")->prompt, 7);
        QCOMPARE(findUsage(usage + ",\"usage\":null,\"x\":\"usage\"}")->prompt, 7);
        QCOMPARE(findUsage("{" + usage + ",\"data\":[0.25,0.")->prompt, 7);
        for (const char *text : {"", "\"usage\"", "\"usage\":", "\"usage\":{", "\"usage\":{\"total_tokens\":7",
                                 "\"say \\\"usage\\\":{\\\"total_tokens\\\":7}\"", "\"usage\" {\"total_tokens\":7}"})
            QVERIFY2(!findUsage(text), text);
    }

    void oddUsageDoesNoHarm()
    {
        for (const char *text : {"null", "[]", "1", "\"x\"", "{\"prompt_tokens\":1", ""})
            QVERIFY2(!readUsage(text), text);
        QVERIFY(!readUsage("{\"prompt_tokens\":-5,\"completion_tokens\":\"7\",\"total_tokens\":null}"));
        QVERIFY(readUsage("{\"prompt_tokens\":99999999999999999999}")->prompt >= 0);
        const auto huge =
            readUsage("{\"prompt_tokens\":9223372036854775807,\"completion_tokens\":9223372036854775807}");
        QVERIFY(huge && huge->total >= 0);
        QVERIFY(readUsage("{\"prompt_tokens\":1,\"prompt_tokens_details\":null}")->cached == 0);
    }

    void usageIsFoundInGroqsPlaceToo()
    {
        QCOMPARE(
            readAnswerMembers("{\"x_groq\":{\"id\":\"r\",\"usage\":{\"total_tokens\":5}}}", "choices").usage->total,
            std::int64_t(5));
        QCOMPARE(
            readAnswerMembers("{\"usage\":{\"total_tokens\":7},\"x_groq\":{\"usage\":{\"total_tokens\":5}}}", "choices")
                .usage->total,
            std::int64_t(7));
        QVERIFY(!readAnswerMembers("{\"usage\":null}", "choices").usage);
    }
};

QTEST_APPLESS_MAIN(TestAnswerMembers)
#include "test_answermembers.moc"
