// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jsonsplice.h"

#include <QtTest>

using namespace keymux;

namespace {

/// The text with entries appended to what stands under `name`; an empty name is the document.
std::string appended(const std::string &text, const std::string &name, const std::vector<std::string> &entries)
{
    const JsonReading reading = readJsonText(text);
    if (!reading.value)
        return "not JSON";
    const JsonText *node = name.empty() ? &*reading.value : reading.value->find(name);
    JsonSplice splice(text);
    splice.append(*node, entries);
    const std::string result = splice.apply();
    return readJsonText(result).value ? result : "broken: " + result;
}

} // namespace

class TestJsonSplice : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void entriesAreAppended_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("expected");
        QTest::newRow("empty") << QByteArray("{\"a\": []}") << QByteArray("{\"a\": [\n  7\n]}");
        QTest::newRow("one") << QByteArray("{\"a\": [1]}") << QByteArray("{\"a\": [1,\n  7\n]}");
        QTest::newRow("lines") << QByteArray("{\n  \"a\": [\n    1,\n    2\n  ]\n}")
                               << QByteArray("{\n  \"a\": [\n    1,\n    2,\n    7\n  ]\n}");
        QTest::newRow("trailing comma") << QByteArray("{\n\t\"a\": [\n\t\t1,\n\t],\n}")
                                        << QByteArray("{\n\t\"a\": [\n\t\t1,\n\t\t7\n\t],\n}");
        QTest::newRow("comments") << QByteArray("{\"a\": [ // ] one\n  1 // last, ]\n  /* ] */\n]}")
                                  << QByteArray("{\"a\": [ // ] one\n  1, // last, ]\n  /* ] */\n  7\n]}");
        QTest::newRow("only a comment") << QByteArray("{\"a\": [ // none\n]}")
                                        << QByteArray("{\"a\": [ // none\n  7\n]}");
        QTest::newRow("brackets in strings") << QByteArray("{\"b\": \"[\", \"a\": [\"]\\\"]\"]}")
                                             << QByteArray("{\"b\": \"[\", \"a\": [\"]\\\"]\",\n  7\n]}");
        QTest::newRow("not ASCII") << QByteArray("{\"\xc3\xa9\xe2\x82\xac\": 1, \"a\": [[2]]}")
                                   << QByteArray("{\"\xc3\xa9\xe2\x82\xac\": 1, \"a\": [[2],\n  7\n]}");
        QTest::newRow("byte order mark") << QByteArray("\xef\xbb\xbf{\"a\": []}")
                                         << QByteArray("\xef\xbb\xbf{\"a\": [\n  7\n]}");
        QTest::newRow("line ends of Windows")
            << QByteArray("{\"a\": [\r\n  1\r\n]}") << QByteArray("{\"a\": [\r\n  1,\n  7\r\n]}");
    }
    void entriesAreAppended()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, expected);
        QCOMPARE(QByteArray::fromStdString(appended(text.toStdString(), "a", {"7"})), expected);
    }

    void linesOfAnEntryAreIndented()
    {
        QCOMPARE(QByteArray::fromStdString(appended("{\n  \"a\": 1\n}", "", {"\"b\": {\n  \"c\": 2\n}"})),
                 QByteArray("{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}"));
    }

    void nestedContainersAreAppendedTogether()
    {
        const std::string text = "{\"a\": {\"b\": [1]}}";
        const JsonReading reading = readJsonText(text);
        const JsonText &a = *reading.value->find("a");
        JsonSplice splice(text);
        splice.append(*reading.value, {"\"z\": 0"});
        splice.append(a, {"\"c\": 3"});
        splice.append(*a.find("b"), {"2"});
        const JsonReading after = readJsonText(splice.apply());
        QVERIFY(after.value);
        QCOMPARE(after.value->members.size(), 2U);
        QCOMPARE(after.value->find("a")->members.size(), 2U);
        QCOMPARE(after.value->find("a")->find("b")->items.size(), 2U);
    }

    void itemsAreInsertedInFrontOfOthers()
    {
        const std::string text = "[\n  1,\n  2 // two\n]";
        const JsonReading reading = readJsonText(text);
        JsonSplice splice(text);
        splice.insertBefore(reading.value->items[1], {"8", "9"});
        QCOMPARE(QByteArray::fromStdString(splice.apply()), QByteArray("[\n  1,\n  8,\n  9,\n  2 // two\n]"));
    }

    void nothingToAddChangesNothing() { QCOMPARE(appended("{\"a\": [1]}", "a", {}), std::string("{\"a\": [1]}")); }
};

QTEST_APPLESS_MAIN(TestJsonSplice)
#include "test_jsonsplice.moc"
