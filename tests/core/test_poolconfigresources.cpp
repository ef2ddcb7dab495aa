// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/poolconfigjson.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QtTest>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

using namespace keymux;
using Json = nlohmann::ordered_json;

namespace {

QString sourcePath(const char *path)
{
    return QStringLiteral(KEYMUX_SOURCE_DIR "/") + QString::fromLatin1(path);
}

std::string textOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

std::string listed(const std::vector<Problem> &problems)
{
    std::string text;
    for (const Problem &problem : problems)
        text += toString(problem, "") + '\n';
    return text;
}

/// One object of a document: its name under `$defs` of the schema (empty: the root), and a document around its members.
struct Place {
    const char *definition, *before, *after;

    std::string with(std::string_view members) const { return before + std::string(members) + after; }
};

constexpr Place places[] = {
    {"", "{", "}"},
    {"provider", R"({"providers":{"p":{)", "}}}"},
    {"timeouts", R"({"providers":{"p":{"timeouts":{)", "}}}}"},
    {"limits", R"({"providers":{"p":{"limits":{)", "}}}}"},
    {"key", R"({"providers":{"p":{"keys":[{)", "}]}}}"},
    {"model", R"({"providers":{"p":{"models":[{)", "}]}}}"},
    {"model", R"({"providers":{"p":{"keys":[{"priority_models":[{)", "}]}]}}}"},
    {"routing", R"({"routing":{)", "}}"},
    {"rule", R"({"routing":{"model_map":[{)", "}]}}"},
    {"cooldown", R"({"routing":{"cooldown":{)", "}}}"},
    {"validate", R"({"routing":{"validate":{)", "}}}"},
    {"secrets", R"({"secrets":{)", "}}"},
    {"infisical", R"({"secrets":{"infisical":{)", "}}}"},
    {"vault", R"({"secrets":{"vault":{)", "}}}"},
    {"server", R"({"server":{)", "}}"},
    {"tls", R"({"server":{"tls":{)", "}}}"},
};

/// What the reader says of one field; a problem of it has a path that ends with its name.
std::vector<std::string> complaints(const Place &place, const std::string &name, const std::string &value)
{
    std::vector<std::string> messages;
    const PoolConfigReading reading = readPoolConfig(place.with('"' + name + "\":" + value));
    for (const Problem &problem : reading.problems) {
        if (problem.path == name || problem.path.ends_with('.' + name))
            messages.push_back(problem.message);
    }
    return messages;
}

bool isKnown(const Place &place, const std::string &name)
{
    // Null counts as absent, so that nothing but the name is judged.
    const PoolConfigReading reading = readPoolConfig(place.with('"' + name + "\":null"));
    return std::none_of(reading.problems.begin(), reading.problems.end(),
                        [](const Problem &problem) { return problem.message.starts_with("unknown field"); });
}

/// Every word in quotes in the sources of core: whatever field the reader asks for is among them.
std::set<std::string> quotedWords()
{
    std::set<std::string> words;
    const QDir dir(sourcePath("shared/core"));
    const QStringList names = dir.entryList({QStringLiteral("*.cpp"), QStringLiteral("*.h")});
    static const QRegularExpression word(QStringLiteral("\"([a-z$][a-z0-9_]*)\""));
    for (const QString &name : names) {
        auto matches = word.globalMatch(QString::fromStdString(textOf(dir.filePath(name))));
        while (matches.hasNext())
            words.insert(matches.next().captured(1).toStdString());
    }
    return words;
}

/// Fenced blocks of JSON in a page, those that are whole pool configs.
std::vector<std::string> configBlocks(const char *page)
{
    std::vector<std::string> blocks;
    static const QRegularExpression fence(QStringLiteral("```jsonc?\\n(.*?)```"),
                                          QRegularExpression::DotMatchesEverythingOption);
    auto matches = fence.globalMatch(QString::fromStdString(textOf(sourcePath(page))));
    while (matches.hasNext()) {
        const QString block = matches.next().captured(1);
        if (block.contains(u"\"providers\""))
            blocks.push_back(block.toStdString());
    }
    return blocks;
}

} // namespace

class TestPoolConfigResources : public QObject {
    Q_OBJECT

    Json m_schema;

    const Json &definition(const Place &place) const
    {
        return *place.definition ? m_schema.at("$defs").at(place.definition) : m_schema;
    }
    /// A property with what it refers to filled in.
    Json resolved(const Json &property) const
    {
        if (!property.contains("$ref"))
            return property;
        Json whole = m_schema.at(Json::json_pointer(property.at("$ref").get<std::string>().substr(1)));
        whole.update(property);
        return whole;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_schema =
            Json::parse(textOf(sourcePath("resources/pool-config.schema.json")), nullptr, /*allow_exceptions=*/false);
        QVERIFY(m_schema.is_object());
    }

    void everyExampleIsRead_data()
    {
        QTest::addColumn<QString>("path");
        const QDir dir(sourcePath("resources/examples"));
        const QStringList names = dir.entryList({QStringLiteral("*.json")});
        QVERIFY(names.size() >= 5);
        for (const QString &name : names)
            QTest::newRow(qUtf8Printable(name)) << dir.filePath(name);
    }
    void everyExampleIsRead()
    {
        QFETCH(QString, path);
        const PoolConfigReading reading = readPoolConfig(textOf(path));
        QVERIFY2(reading.valid(), listed(reading.problems).c_str());
        QVERIFY(!reading.config.providers.empty());
    }

    void configsInThePagesAreRead_data()
    {
        QTest::addColumn<QString>("page");
        QTest::newRow("README.md") << QStringLiteral("README.md");
        QTest::newRow("docs/CONFIG.md") << QStringLiteral("docs/CONFIG.md");
    }
    void configsInThePagesAreRead()
    {
        QFETCH(QString, page);
        const auto blocks = configBlocks(qUtf8Printable(page));
        QVERIFY(!blocks.empty());
        for (const std::string &block : blocks) {
            const PoolConfigReading reading = readPoolConfig(block);
            QVERIFY2(reading.valid(), (block + listed(reading.problems)).c_str());
        }
    }

    void theSchemaKnowsTheFieldsTheReaderKnows()
    {
        const std::set<std::string> words = quotedWords();
        QVERIFY(words.size() > 100);
        for (const Place &place : places) {
            std::set<std::string> inSchema, inReader;
            for (const auto &[name, property] : definition(place).at("properties").items())
                inSchema.insert(name);
            std::set<std::string> candidates = words;
            candidates.insert(inSchema.begin(), inSchema.end());
            for (const std::string &name : candidates) {
                if (isKnown(place, name))
                    inReader.insert(name);
            }
            std::string difference;
            for (const std::string &name : candidates) {
                if (inSchema.contains(name) != inReader.contains(name))
                    difference += name + (inReader.contains(name) ? " is not in the schema; " : " is unknown; ");
            }
            QVERIFY2(difference.empty(), (std::string(place.definition) + ": " + difference).c_str());
            QCOMPARE(definition(place).at("additionalProperties"), Json(false));
        }
    }

    void theSchemaDescribesNothingElse()
    {
        std::set<std::string> named;
        for (const Place &place : places)
            named.insert(place.definition);
        for (const auto &[name, part] : m_schema.at("$defs").items())
            QVERIFY2(!part.contains("properties") || named.contains(name), name.c_str());
    }

    void boundsAndWordsAreTheReaders()
    {
        int checked = 0;
        for (const Place &place : places) {
            for (const auto &[name, plain] : definition(place).at("properties").items()) {
                const Json property = resolved(plain);
                const auto taken = [&, &fieldName = name](const Json &value) {
                    ++checked;
                    return complaints(place, fieldName, value.dump()).empty();
                };
                const std::string where = std::string(place.definition) + '.' + name;
                if (property.contains("minimum")) {
                    const auto least = property.at("minimum").get<std::int64_t>();
                    const auto most = property.at("maximum").get<std::int64_t>();
                    QVERIFY2(taken(least) && !taken(least - 1), where.c_str());
                    QVERIFY2(taken(most) && !taken(most + 1), where.c_str());
                    const bool whole = property.at("type") == "integer";
                    QVERIFY2(taken(least + 0.5) != whole, where.c_str());
                }
                if (property.contains("enum")) {
                    for (const Json &word : property.at("enum"))
                        QVERIFY2(taken(word), where.c_str());
                    QVERIFY2(!taken("surely-not"), where.c_str());
                }
                if (property.contains("const"))
                    QVERIFY2(taken(property.at("const")) && !taken(1), where.c_str());
                const Json type = property.contains("type") ? property.at("type") : Json();
                if (type == "string")
                    QVERIFY2(!taken(1), where.c_str());
                else if (type == "boolean")
                    QVERIFY2(taken(true) && taken(false) && !taken(1), where.c_str());
                else if (type == "array" || type == "object" || type == "null")
                    QVERIFY2(!taken("text"), where.c_str());
            }
        }
        QVERIFY(checked > 150);
    }

    void defaultsAreTheReaders()
    {
        int checked = 0;
        for (const Place &place : places) {
            for (const auto &[name, property] : definition(place).at("properties").items()) {
                if (!property.contains("default"))
                    continue;
                ++checked;
                const PoolConfig without = readPoolConfig(place.with("")).config;
                const PoolConfig with =
                    readPoolConfig(place.with('"' + name + "\":" + property["default"].dump())).config;
                QVERIFY2(with == without, (std::string(place.definition) + '.' + name).c_str());
            }
        }
        QVERIFY(checked > 30);
    }

    void patternsAgreeWithTheReader_data()
    {
        QTest::addColumn<QString>("value");
        for (const char *value : {"GEMINI_KEY_1_PLACEHOLDER",
                                  "_PLACEHOLDER",
                                  "A-B_PLACEHOLDER",
                                  "env:NAME",
                                  "env:",
                                  "env:A B",
                                  "env:A.b-c_1",
                                  "env:KEY_*",
                                  "file:/run/secrets/key",
                                  "file:relative/key",
                                  "file:/run/KEY_*",
                                  "file:",
                                  "store:NAME",
                                  "keychain:NAME",
                                  "infisical:NAME",
                                  "vault:secret/data/llm#gemini",
                                  "AIzaSyNotARealKey",
                                  "sk-not-a-real-key",
                                  "",
                                  "ENV:NAME",
                                  "x_PLACEHOLDER ",
                                  "placeholder"})
            QTest::newRow(value) << QString::fromUtf8(value);
    }
    void patternsAgreeWithTheReader()
    {
        QFETCH(QString, value);
        // What ECMAScript writes \u001f is \x1f in Qt's regular expressions.
        const QString pattern =
            QString::fromStdString(m_schema.at("$defs").at("reference").at("pattern").get<std::string>())
                .replace(QStringLiteral("\\u00"), QStringLiteral("\\x"));
        const bool fits = QRegularExpression(pattern).match(value).hasMatch();
        const Place server{"server", R"({"secrets":{"infisical":{},"vault":{}},"server":{)", "}}"};
        QCOMPARE(complaints(server, "admin_token_from", Json(value.toStdString()).dump()).empty(), fits);
    }

    void knownProvidersNeedNoAddress()
    {
        const auto isRead = [](const std::string &name, const Json &provider) {
            return readPoolConfig(Json{{"providers", {{name, provider}}}}.dump()).valid();
        };
        const Json openAi = {{"api", "openai"}};
        const Json elsewhere = {{"base_url", "http://127.0.0.1:1/v1"}};
        const Json &named = m_schema.at("properties").at("providers").at("properties");
        QVERIFY(named.size() > 5);
        for (const auto &[name, property] : named.items()) {
            QVERIFY2(isRead(name, openAi), name.c_str());
            QCOMPARE(isRead(name, Json::object()), !property.contains("required"));
        }
        QVERIFY(!isRead("unheard-of", openAi));
        QVERIFY(isRead("unheard-of", elsewhere));
    }
};

QTEST_APPLESS_MAIN(TestPoolConfigResources)
#include "test_poolconfigresources.moc"
