// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configdiff.h"
#include "core/poolconfigjson.h"

#include <QTest>

using namespace keymux;

class ConfigDiffTest : public QObject {
    Q_OBJECT

private:
    static PoolConfig config(const std::string &keys, const std::string &rest = {})
    {
        const auto reading = readPoolConfig("{\"providers\": {\"gemini\": {\"keys\": [" + keys + "]}}" + rest + "}");
        if (!reading.valid())
            qFatal("%s", toString(reading.problems.front(), "test").c_str());
        return reading.config;
    }
    static std::string key(const std::string &id, const std::string &fields = {}, const std::string &model = "m")
    {
        return "{\"key_id\": \"" + id + "\", \"api_key\": \"env:K\", \"priority_models\": [{\"model\": \"" + model +
               "\"}]" + (fields.empty() ? "" : ", " + fields) + "}";
    }

private Q_SLOTS:
    void everyChangeIsOneSentence_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("summary");
        const auto row = [](const char *name, const std::string &a, const std::string &b, const char *summary) {
            QTest::newRow(name) << QString::fromStdString(a) << QString::fromStdString(b) << QString::fromUtf8(summary);
        };
        row("same", key("a"), key("a"), "comments or layout only");
        row("added", key("a"), key("a") + "," + key("b"), "key b added");
        row("removed", key("a") + "," + key("b") + "," + key("c"), key("b"), "keys a, c removed");
        row("many", key("z"), key("a") + "," + key("b") + "," + key("c") + "," + key("d") + "," + key("z"),
            "keys a, b, c and 1 more added");
        row("limit", key("a"), key("a", "\"rpm_limit\": 5"), "key a (limits) changed");
        row("disabled", key("a"), key("a", "\"enabled\": false"), "key a (disabled) changed");
        row("model", key("a"), key("a", "", "n"), "model n added; model m removed; key a (models) changed");
        row("order", key("a") + "," + key("b"), key("b") + "," + key("a"), "order changed");
    }
    void everyChangeIsOneSentence()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        QFETCH(QString, summary);
        QCOMPARE(QString::fromStdString(summarizeChange(config(before.toStdString()), config(after.toStdString()))),
                 summary);
    }

    void changesAreToldApart()
    {
        using What = ConfigChange::What;
        const auto changes =
            changesBetween(config(key("a") + "," + key("b")), config(key("a", "\"rpm_limit\": 5") + "," + key("c")));
        QCOMPARE(changes.size(), std::size_t(3));
        QVERIFY(changes[0].what == What::KeysAdded && changes[0].names == std::vector<std::string>{"c"});
        QVERIFY(changes[1].what == What::KeysRemoved && changes[1].names == std::vector<std::string>{"b"});
        QVERIFY(changes[2].what == What::KeysChanged && changes[2].details == std::vector<std::string>{"limits"});
        QVERIFY(changesBetween(config(key("a")), config(key("a"))).front().what == What::LayoutOnly);
    }

    void sectionsAreNamed()
    {
        QCOMPARE(summarizeChange(config(key("a")), config(key("a"), ", \"routing\": {\"max_attempts\": 2}")),
                 std::string("routing changed"));
        QCOMPARE(summarizeFirst(config(key("a") + "," + key("b"))), std::string("1 provider, 2 keys, 1 model"));
    }
};

QTEST_APPLESS_MAIN(ConfigDiffTest)
#include "test_configdiff.moc"
