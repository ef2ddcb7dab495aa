// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/jsonscan.h"
#include "dialects/requesthead.h"

#include <QtTest>
#include <nlohmann/json.hpp>
#include <optional>
#include <rapidcheck.h>

using namespace keymux;
using Json = nlohmann::ordered_json;

namespace {

RequestHead headOf(std::string_view body)
{
    auto head = readRequestHead(body);
    if (!head)
        qFatal("%s", head.error().message.c_str());
    return *head;
}

std::string errorOf(std::string_view body)
{
    const auto head = readRequestHead(body);
    return head ? "" : head.error().code;
}

/// A random JSON value, not too large.
Json randomValue(int depth)
{
    const int kind = *rc::gen::inRange(0, depth > 2 ? 4 : 6);
    switch (kind) {
    case 0:
        return nullptr;
    case 1:
        return *rc::gen::arbitrary<bool>();
    case 2:
        return *rc::gen::arbitrary<int>();
    case 3: {
        std::string text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7f));
        if (*rc::gen::inRange(0, 4) == 0)
            text += "\"\\\n\té€😀";
        return text;
    }
    case 4: {
        Json list = Json::array();
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
            list.push_back(randomValue(depth + 1));
        return list;
    }
    default: {
        Json object = Json::object();
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
            object["m" + std::to_string(*rc::gen::inRange(0, 50))] = randomValue(depth + 1);
        return object;
    }
    }
}

Json randomRequest()
{
    Json request = Json::object();
    const int before = *rc::gen::inRange(0, 3);
    for (int i = 0; i < before; ++i)
        request["a" + std::to_string(i)] = randomValue(0);
    request["model"] = *rc::gen::element<std::string>("gpt-4", "x/y", "modèle \"q\"");
    const int after = *rc::gen::inRange(0, 4);
    for (int i = 0; i < after; ++i)
        request["b" + std::to_string(i)] = randomValue(0);
    return request;
}

/// Absent where the judge gives up: at a number beyond a double, which JSON's grammar allows.
std::optional<bool> isJson(const std::string &text)
{
    try {
        return !Json::parse(text).is_discarded();
    } catch (const Json::out_of_range &) {
        return std::nullopt;
    } catch (const Json::parse_error &) {
        return false;
    }
}

} // namespace

class TestRequestHead : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsModelAndStreamWhereverTheyStand()
    {
        const auto head = headOf(R"( {"messages":[{"role":"user","content":"Hi"}], "stream" : true,"model":"gpt-4"} )");
        QCOMPARE(head.model, std::string("gpt-4"));
        QVERIFY(head.stream);
        QVERIFY(!head.includeUsage);
        QCOMPARE(head.members.size(), std::size_t(3));
    }

    void aModelInsideAMessageIsNotTheModel()
    {
        QCOMPARE(errorOf(R"({"messages":[{"model":"gpt-4"}]})"), std::string("invalid_request_error"));
        QCOMPARE(headOf(R"({"x":{"model":"no"},"model":"yes"})").model, std::string("yes"));
    }

    void escapesInNamesAndValuesAreRead()
    {
        QCOMPARE(headOf(R"({"\u006dodel":"g\u0070t\ud83d\ude00"})").model, std::string("gpt😀"));
    }

    void aMemberNamedTwiceIsRefusedBecauseTwoParsersCouldDisagree()
    {
        QCOMPARE(errorOf(R"({"model":"a","model":"b"})"), std::string("invalid_request_error"));
        QCOMPARE(errorOf(R"({"model":"a","mode\u006c":"b"})"), std::string("invalid_request_error"));
        QCOMPARE(errorOf(R"({"model":"a","stream":true,"stream":false})"), std::string("invalid_request_error"));
        QCOMPARE(errorOf(R"({"model":"a","stream_options":{"include_usage":true,"include_usage":false}})"),
                 std::string("invalid_request_error"));
    }

    void whatIsNotJsonIsSaidToBeNotJson_data()
    {
        QTest::addColumn<QByteArray>("body");
        for (const char *body :
             {"", "   ", "hello", "{", "{\"model\":\"a\"", "{\"model\":\"a\"}x", "{\"model\":\"a\",}", "{'model':'a'}",
              "{\"model\":\"a\" \"b\":1}", "{\"model\":\"\\x\"}", "{\"model\":\"a\",\"n\":01}",
              "{\"model\":\"a\",\"n\":1.}", "{\"model\":\"a\",\"n\":+1}", "{\"model\":\"a\",\"n\":nul}",
              "{\"model\":\"a\",\"t\":\"\x01\"}", "{\"model\":\"a\",\"t\":\"\xff\"}",
              "{\"model\":\"a\",\"t\":\"\xc0\x80\"}", "{\"model\":\"a\",\"t\":\"\xed\xa0\x80\"}"})
            QTest::newRow(body) << QByteArray(body);
    }
    void whatIsNotJsonIsSaidToBeNotJson()
    {
        QFETCH(QByteArray, body);
        QCOMPARE(errorOf({body.constData(), std::size_t(body.size())}), std::string("invalid_json"));
    }

    void otherMistakesAreTheRequests()
    {
        for (const char *body : {"[]", "1", "\"model\"", "{}", "{\"model\":1}", "{\"model\":\"\"}", "{\"model\":null}",
                                 "{\"model\":\"a\\u0000b\"}", "{\"model\":\"a\",\"stream\":\"yes\"}",
                                 "{\"model\":\"a\",\"stream_options\":1}"})
            QCOMPARE(errorOf(body), std::string("invalid_request_error"));
        QCOMPARE(errorOf("{\"model\":\"" + std::string(257, 'a') + "\"}"), std::string("invalid_request_error"));
    }

    void nestingIsBounded()
    {
        const auto nested = [](int depth) {
            return "{\"model\":\"a\",\"x\":" + std::string(std::size_t(depth), '[') +
                   std::string(std::size_t(depth), ']') + '}';
        };
        QCOMPARE(errorOf(nested(500)), std::string());
        QCOMPARE(errorOf(nested(100000)), std::string("invalid_json"));
    }

    void tokensAreEstimatedFromTextAndNotFromPictures()
    {
        const auto head =
            headOf(R"({"model":"a","max_tokens":50,"user":"not counted","messages":[{"role":"user","content":[
            {"type":"text","text":"12345678"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAAAAAAAAAAAAAAAAAAAAAA"}},
            {"type":"input_audio","input_audio":{"data":"QUFBQUFBQUFBQUFBQUFB"}}]}]})");
        // user, text, 12345678, image_url, input_audio
        QCOMPARE(head.textBytes, std::int64_t(4 + 4 + 8 + 9 + 11));
        QCOMPARE(head.estimatedTokens(), std::int64_t(9 + 50));
        QCOMPARE(headOf(R"({"model":"a","max_tokens":50,"max_completion_tokens":7})").estimatedTokens(),
                 std::int64_t(7));
        QCOMPARE(headOf(R"({"model":"a"})").estimatedTokens(), std::int64_t(0));
    }

    void spliceChangesTheModelAndNothingElse()
    {
        const std::string body = "{ \"messages\" : [ ] ,\n \"model\" : \"gpt-4\" , \"z\":1,\"a\":2 }\n";
        QCOMPARE(splice(body, headOf(body), {.model = "gemini \"2\""}).toString(),
                 std::string("{ \"messages\" : [ ] ,\n \"model\" : \"gemini \\\"2\\\"\" , \"z\":1,\"a\":2 }\n"));
        QCOMPARE(splice(body, headOf(body), {.model = "gpt-4"}).toString(), body);
    }

    void usageIsAskedForWhereTheClientLeftItOut()
    {
        const BodyEdit ask{.model = "a", .askForUsage = true};
        const auto spliced = [&](const std::string &body) { return splice(body, headOf(body), ask).toString(); };
        QCOMPARE(spliced(R"({"model":"a","stream":true})"),
                 std::string(R"({"model":"a","stream":true,"stream_options":{"include_usage":true}})"));
        QCOMPARE(spliced(R"({"model":"a","stream":true,"stream_options":{}})"),
                 std::string(R"({"model":"a","stream":true,"stream_options":{"include_usage":true}})"));
        QCOMPARE(spliced(R"({"model":"a","stream":true,"stream_options":{"x":1}})"),
                 std::string(R"({"model":"a","stream":true,"stream_options":{"include_usage":true,"x":1}})"));
        QCOMPARE(spliced(R"({"model":"a","stream":true,"stream_options":null})"),
                 std::string(R"({"model":"a","stream":true,"stream_options":{"include_usage":true}})"));
        QVERIFY(headOf(R"({"model":"a","stream_options":{"include_usage":false}})").includeUsage == false);
    }

    void droppedAndRenamedMembersLeaveTheRestInOrder()
    {
        const std::string body = R"({"seed":1 , "model":"a","user":"u","max_completion_tokens":5})";
        const BodyEdit edit{
            .model = "b", .drop = {"seed", "user"}, .rename = {{"max_completion_tokens", "max_tokens"}}};
        QCOMPARE(splice(body, headOf(body), edit).toString(),
                 std::string(R"( "model":"b","max_tokens":5})").insert(0, "{"));
        const std::string all = R"({"model":"a","x":1})";
        QCOMPARE(splice(all, headOf(all), {.model = "a", .drop = {"model", "x"}}).toString(), std::string("{}"));
    }

    void aSplicedBodySaysWhatTheEditSays()
    {
        QVERIFY(rc::check([] {
            const Json request = randomRequest();
            const std::string body = request.dump(*rc::gen::element(-1, 0, 3));
            BodyEdit edit{.model = "other/model"};
            Json expected = Json::object();
            for (const auto &[name, value] : request.items()) {
                const int choice = name == "model" ? 9 : *rc::gen::inRange(0, 4);
                if (choice == 0) {
                    edit.drop.push_back(name);
                } else if (choice == 1) {
                    edit.rename.emplace_back(name, "renamed_" + name);
                    expected["renamed_" + name] = value;
                } else {
                    expected[name] = name == "model" ? Json(edit.model) : value;
                }
            }
            const SplicedBody spliced = splice(body, headOf(body), edit);
            RC_ASSERT(spliced.size() == spliced.toString().size());
            RC_ASSERT(Json::parse(spliced.toString()).dump() == expected.dump());
        }));
    }

    void whatIsAcceptedIsExactlyWhatIsJson()
    {
        QVERIFY(rc::check([] {
            std::string body = randomRequest().dump(*rc::gen::element(-1, 1));
            for (int i = *rc::gen::inRange(0, 3); i > 0 && !body.empty(); --i) {
                const auto at = *rc::gen::inRange<std::size_t>(0, body.size());
                const char c = *rc::gen::element('"', '\\', ',', ':', '{', '}', '[', ']', '0', '-', 'e', '\n', '\x80',
                                                 '\xc3', ' ');
                if (*rc::gen::arbitrary<bool>())
                    body[at] = c;
                else
                    body.erase(at, 1);
            }
            RC_LOG() << body;
            const auto head = readRequestHead(body);
            const auto json = isJson(body);
            RC_PRE(json.has_value());
            RC_ASSERT(*json == (head || head.error().code != "invalid_json"));
        }));
    }
};

QTEST_APPLESS_MAIN(TestRequestHead)
#include "test_requesthead.moc"
