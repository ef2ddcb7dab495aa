// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/jsonscan.h"

#include <QtTest>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

using namespace keymux;
using Json = nlohmann::json;

namespace {

bool isValue(std::string_view text)
{
    return JsonScanner(text).wholeValue();
}

std::string problemOf(std::string_view text)
{
    JsonScanner scanner(text);
    return scanner.wholeValue() ? "" : scanner.problem();
}

/// The members of an object as `name=value;`.
std::string membersOf(std::string_view text)
{
    std::string all;
    JsonScanner scanner(text);
    const bool good = scanner.object([&](std::string_view name, ByteSpan nameSpan, ByteSpan value) {
        if (text.substr(nameSpan.begin, nameSpan.end - nameSpan.begin) != name)
            qFatal("a name is not where it is said to be");
        all += std::string(name) + '=' + std::string(text.substr(value.begin, value.end - value.begin)) + ';';
    });
    return good ? all + '@' + std::to_string(scanner.position()) : scanner.problem();
}

std::int64_t textBytesOf(std::string_view text)
{
    std::int64_t bytes = 0;
    JsonScanner scanner(text);
    if (!scanner.object([](auto &&...) {}, [&](std::string_view name) { return name == "\"t\"" ? &bytes : nullptr; }))
        return -1;
    return bytes;
}

} // namespace

class TestJsonScan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void membersAreGivenWithTheirPlaces()
    {
        QCOMPARE(membersOf("{}"), std::string("@2"));
        QCOMPARE(membersOf("{ \"a\" : 1 ,\"b\":{\"c\":[ ]} } x"), std::string("\"a\"=1;\"b\"={\"c\":[ ]};@26"));
        QCOMPARE(membersOf("{\"a\":1,\"a\":2}"), std::string("\"a\"=1;\"a\"=2;@13"));
    }

    void whatIsWrongIsSaidWithItsByte()
    {
        QCOMPARE(membersOf("{\"a\" 1}"), std::string("a colon is missing at byte 5"));
        QCOMPARE(membersOf("{\"a\":1 \"b\":2}"), std::string("a comma or a closing brace is missing at byte 7"));
        QCOMPARE(membersOf("{\"a\":1"), std::string("the object is not closed at byte 6"));
        QCOMPARE(membersOf("{a:1}"), std::string("a member's name in quotes is missing at byte 1"));
        QCOMPARE(problemOf("[1,]"), std::string("a value is missing at byte 3"));
        QCOMPARE(problemOf("[1 2]"), std::string("a comma or a closing bracket is missing at byte 3"));
        QCOMPARE(problemOf("1 2"), std::string("there is more text after the value at byte 2"));
        QCOMPARE(problemOf("\"a\\qb\""), std::string("there is no such escape at byte 2"));
    }

    void nestingIsBoundedAt512()
    {
        const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
        QVERIFY(isValue(nested(512)));
        QVERIFY(!isValue(nested(513)));
        QVERIFY(!isValue(std::string(10000000, '[')));
    }

    void longStringsAreCheckedAtEveryPlace()
    {
        // Whatever the eight-byte steps make of it: one bad byte is found wherever it stands.
        for (const char bad : {'"', '\\', '\n', '\x01', '\x1f', '\xff', '\x80'}) {
            for (std::size_t at = 0; at < 40; ++at) {
                std::string text = "\"" + std::string(40, 'a') + "\"";
                QVERIFY(isValue(text));
                text[at + 1] = bad;
                const bool escapes = bad == '\\' && at + 1 < 40; // \a is no escape; \" at the end leaves it open
                QVERIFY2(!isValue(text), escapes ? "escape" : "byte");
            }
        }
        for (const char good : {' ', '!', '#', '[', ']', '~', '\x7f'}) {
            for (std::size_t at = 0; at < 40; ++at) {
                std::string text = "\"" + std::string(40, 'a') + "\"";
                text[at + 1] = good;
                QVERIFY(isValue(text));
            }
        }
    }

    void textIsCountedWithoutPicturesAndSounds()
    {
        QCOMPARE(textBytesOf("{\"t\":\"12345\",\"u\":\"not\"}"), std::int64_t(5));
        QCOMPARE(textBytesOf("{\"t\":[\"1\",{\"text\":\"23\",\"data\":\"AAAA\"},\"data:image/png;base64,AAAA\"]}"),
                 std::int64_t(3));
        QCOMPARE(textBytesOf("{\"t\":{\"data\":{\"text\":\"1\"}}}"), std::int64_t(1));
        QCOMPARE(textBytesOf("{\"t\":12345}"), std::int64_t(0));
    }

    void stringsAreUnescapedAsAnotherParserDoes()
    {
        for (const char *text : {"\"\"", "\"plain\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0041\\u00e9\\u20ac\"",
                                 "\"\\ud83d\\ude00!\"", "\"é😀\"", "\"\\u0000\"", "\"\\uFFFD\""})
            QCOMPARE(unescapedJsonString(text), Json::parse(text).get<std::string>());
    }

    void halfASurrogatePairIsReplaced()
    {
        const std::string mark = "\xef\xbf\xbd";
        QCOMPARE(unescapedJsonString("\"\\ud83d\""), mark);
        QCOMPARE(unescapedJsonString("\"\\ude00\""), mark);
        QCOMPARE(unescapedJsonString("\"\\ud83dx\""), mark + "x");
        QCOMPARE(unescapedJsonString("\"\\ud83d\\u0041\""), mark + "A");
        QCOMPARE(unescapedJsonString("\"\\ud83d\\ud83d\\ude00\""), mark + "😀");
        QCOMPARE(unescapedJsonString("\"\\ud83d\\n\""), mark + "\n");
    }

    void quotingAndUnquotingAreInverse()
    {
        QCOMPARE(quotedJsonString("a\"b\\c\n\x01é"), std::string("\"a\\\"b\\\\c\\u000a\\u0001é\""));
        QVERIFY(rc::check([] {
            const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 0x7f));
            const std::string quoted = quotedJsonString(text);
            RC_ASSERT(isValue(quoted));
            RC_ASSERT(unescapedJsonString(quoted) == text);
            RC_ASSERT(Json::parse(quoted).get<std::string>() == text);
        }));
    }

    void aValueIsExactlyWhatAnotherParserTakes()
    {
        QVERIFY(rc::check([] {
            const auto text = *rc::gen::container<std::string>(rc::gen::element('"', '\\', ',', ':', '{', '}', '[', ']',
                                                                                '0', '1', '-', '+', '.', 'e', 'E', 'u',
                                                                                'n', 't', ' ', '\n', '\x80', '\xc3'));
            RC_ASSERT(isValue(text) == Json::accept(text));
        }));
        for (const char *text : {"0", "-0", "0.0", "1e5", "1E-5", "-1.5e+5", "true", "false", "null", " [ ] "})
            QVERIFY2(isValue(text), text);
        for (const char *text : {"-", "00", "1.", ".1", "1e", "1e+", "+1", "tru", "nul", "True", "\"", "[", "{"})
            QVERIFY2(!isValue(text), text);
    }
};

QTEST_APPLESS_MAIN(TestJsonScan)
#include "test_jsonscan.moc"
