// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jsontext.h"

#include <QtTest>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

using namespace keymux;
using Json = nlohmann::ordered_json;

namespace {

JsonText valueOf(std::string_view text)
{
    JsonReading reading = readJsonText(text);
    if (!reading.value)
        qFatal("%s: %s", std::string(text).c_str(), reading.error->message.c_str());
    return std::move(*reading.value);
}

bool isRead(std::string_view text)
{
    return readJsonText(text).value.has_value();
}

/// The same value as another parser would have it.
Json plain(const JsonText &value)
{
    switch (value.kind) {
    case JsonText::Kind::Null:
        return nullptr;
    case JsonText::Kind::Bool:
        return value.boolean;
    case JsonText::Kind::Number:
        return Json::parse(value.text);
    case JsonText::Kind::String:
        return value.text;
    case JsonText::Kind::Array: {
        Json list = Json::array();
        for (const JsonText &item : value.items)
            list.push_back(plain(item));
        return list;
    }
    case JsonText::Kind::Object:
        break;
    }
    Json object = Json::object();
    for (const auto &member : value.members)
        object[member.name] = plain(member.value);
    return object;
}

std::string place(const JsonText &value)
{
    return std::to_string(value.line) + ':' + std::to_string(value.column);
}

Json randomJson(int depth)
{
    switch (*rc::gen::inRange(0, depth > 3 ? 4 : 6)) {
    case 0:
        return nullptr;
    case 1:
        return *rc::gen::arbitrary<bool>();
    case 2:
        return *rc::gen::arbitrary<int>();
    case 3:
        return *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 0x7f)) +
               *rc::gen::element<std::string>("", "é", "😀", "\"", "\\");
    case 4: {
        Json list = Json::array();
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
            list.push_back(randomJson(depth + 1));
        return list;
    }
    default: {
        Json object = Json::object();
        for (int i = *rc::gen::inRange(0, 4); i > 0; --i)
            object["m" + std::to_string(i)] = randomJson(depth + 1);
        return object;
    }
    }
}

/// A number beyond all doubles: well-formed, and judged by the field that gets it.
bool isTooLarge(const std::string &text)
{
    try {
        return Json::parse(text).is_discarded();
    } catch (const Json::out_of_range &) {
        return true;
    } catch (const Json::exception &) {
        return false;
    }
}

} // namespace

class TestJsonText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyValueRemembersWhereItStood()
    {
        const JsonText root = valueOf("\n {\"a\" : 1,\r\n\t\"bé\": [true,\n  null], \"c\":{}}");
        QCOMPARE(place(root), std::string("2:2"));
        QCOMPARE(root.members.size(), std::size_t(3));
        QCOMPARE(root.members[0].column, 3);
        QCOMPARE(place(root.members[0].value), std::string("2:9"));
        QCOMPARE(root.members[1].line, 3);
        QCOMPARE(root.members[1].column, 2);
        QCOMPARE(place(root.members[1].value), std::string("3:8"));
        QCOMPARE(place(root.members[1].value.items[0]), std::string("3:9"));
        QCOMPARE(place(root.members[1].value.items[1]), std::string("4:3"));
        QCOMPARE(place(root.members[2].value), std::string("4:14"));
    }

    void aByteOrderMarkTakesNoColumn() { QCOMPARE(place(valueOf("\xef\xbb\xbf 1")), std::string("1:2")); }

    void kindsHaveNames()
    {
        for (const auto &[text, name] :
             std::initializer_list<std::pair<const char *, const char *>>{{"null", "null"},
                                                                          {"true", "a boolean"},
                                                                          {"-1.5e3", "a number"},
                                                                          {"\"\"", "a string"},
                                                                          {"[]", "a list"},
                                                                          {"{}", "an object"}})
            QCOMPARE(std::string(valueOf(text).kindName()), std::string(name));
    }

    void membersKeepTheirOrderAndMayRepeat()
    {
        const JsonText object = valueOf("{\"z\":1,\"a\":2,\"z\":3}");
        QCOMPARE(object.members.size(), std::size_t(3));
        QCOMPARE(object.find("z")->text, std::string("1"));
        QVERIFY(!object.find("q"));
    }

    void numbersStayAsTheyAreWritten()
    {
        for (const char *text : {"0", "-0", "12", "1.50", "1e400", "-1E+2", "123456789012345678901234567890"})
            QCOMPARE(valueOf(text).text, std::string(text));
        for (const char *text : {"01", "+1", ".5", "1.", "1e", "-", "0x10", "NaN", "Infinity", "1_000", "--1"})
            QVERIFY2(!isRead(text), text);
    }

    void escapesAreRead()
    {
        QCOMPARE(valueOf("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\ude00\"").text,
                 std::string("\"\\/\b\f\n\r\té€😀"));
        QCOMPARE(valueOf("\"a\\u0000b\"").text.size(), std::size_t(3));
        for (const char *text : {"\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\ude00\"",
                                 "\"\\ud83d\\ud83d\"", "\"\\", "\"\\u", "\"\\ud83d\\u"})
            QVERIFY2(!isRead(text), text);
    }

    void commentsStandWhereSpaceMay()
    {
        QCOMPARE(plain(valueOf("/**/{/*a*/\"a\"//b\n:/* * */1/***/,//\n}//end")), Json::parse("{\"a\":1}"));
        QCOMPARE(plain(valueOf("[1//\n,//\n2/**/]")), Json::parse("[1,2]"));
        QCOMPARE(valueOf("\"/*no*/\"").text, std::string("/*") + "no*/");
        for (const char *text : {"/", "/*", "/*/", "1/", "1 /* ", "/ /1", "#1", "{\"a\"/:1}"})
            QVERIFY2(!isRead(text), text);
    }

    void oneTrailingCommaIsAllowedAndNotTwo()
    {
        QCOMPARE(plain(valueOf("[1,]")), Json::parse("[1]"));
        QCOMPARE(plain(valueOf("{\"a\":[{},],}")), Json::parse("{\"a\":[{}]}"));
        for (const char *text : {"[,]", "[1,,]", "{,}", "{\"a\":1,,}", "[1 2]", "{\"a\":1 \"b\":2}", "1,"})
            QVERIFY2(!isRead(text), text);
    }

    void whatIsNoJsonIsRefused()
    {
        for (const char *text : {"",         " ",     "//",      "{",   "[",    "\"",       "{\"a\"",   "{\"a\":",
                                 "{\"a\":1", "{a:1}", "{'a':1}", "tru", "True", "nul",      "nulll",    "undefined",
                                 "[}",       "{]",    "1 2",     "]",   "}",    "\"\x01\"", "\"a\tb\"", "\"a\nb\""})
            QVERIFY2(!isRead(text), text);
        QVERIFY(!isRead(std::string_view("1\0", 2)));
        QVERIFY(!isRead(std::string_view("\"\0\"", 3)));
    }

    void stringsAreUtf8()
    {
        QCOMPARE(valueOf("\"é€😀\xf4\x8f\xbf\xbf\"").text, std::string("é€😀\xf4\x8f\xbf\xbf"));
        for (const char *text : {"\"\xff\"", "\"\x80\"", "\"\xc3\"", "\"\xc0\xaf\"", "\"\xe0\x80\xaf\"",
                                 "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf0\x9f\x98\"", "{\"\xff\":1}"})
            QVERIFY2(!isRead(text), text);
    }

    void nestingIsBoundedAt64()
    {
        const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
        QVERIFY(isRead(nested(65))); // the root, and 64 in it
        QVERIFY(!isRead(nested(66)));
        QVERIFY(!isRead(std::string(5000000, '[')));
        std::string objects;
        for (int i = 0; i < 1000000; ++i)
            objects += "{\"a\":";
        QVERIFY(!isRead(objects));
    }

    void sizeIsBoundedAt16MiB()
    {
        const std::size_t bound = 16 << 20;
        QVERIFY(isRead("1" + std::string(bound - 1, ' ')));
        QVERIFY(!isRead("1" + std::string(bound, ' ')));
    }

    void itReadsWhatAnotherParserReads()
    {
        QVERIFY(rc::check([] {
            const Json value = randomJson(0);
            RC_ASSERT(plain(valueOf(value.dump(*rc::gen::element(-1, 0, 2)))) == value);
        }));
    }

    void whatItReadsAnotherParserReadsToo()
    {
        QVERIFY(rc::check([] {
            std::string text = randomJson(0).dump();
            for (int i = *rc::gen::inRange(0, 3); i > 0 && !text.empty(); --i) {
                const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
                text[at] = *rc::gen::element('"', '\\', ':', '{', '}', '[', ']', '0', '-', '.', 'e', '\n', '\x80', ' ');
            }
            const JsonReading reading = readJsonText(text);
            RC_ASSERT(reading.value.has_value() != reading.error.has_value());
            // Only comments and commas may make a difference, and none was put in.
            if (text.find(",]") == std::string::npos && text.find(",}") == std::string::npos &&
                text.find('/') == std::string::npos && text.find(", ") == std::string::npos &&
                text.find(",\n") == std::string::npos)
                RC_ASSERT(reading.value.has_value() == (Json::accept(text) || isTooLarge(text)));
        }));
    }
};

QTEST_APPLESS_MAIN(TestJsonText)
#include "test_jsontext.moc"
