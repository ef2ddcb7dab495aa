// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keysets.h"

#include <QtTest>
#include <map>

using namespace keymux;

/// One entry of a document that stands for as many keys as there are secrets.
class TestKeySets : public QObject {
    Q_OBJECT

    std::map<std::string, std::vector<std::string>> m_found;

    static KeyEntry key(const std::string &apiKey, const std::string &keyId = {})
    {
        KeyEntry entry;
        entry.apiKey = apiKey;
        entry.keyId = keyId;
        entry.limits.rpm = 15;
        entry.models = {{.model = "gemini-2.0-flash"}};
        return entry;
    }
    static PoolConfig config(std::vector<KeyEntry> keys)
    {
        PoolConfig result;
        result.providers.resize(1);
        result.providers[0].name = "gemini";
        result.providers[0].keys = std::move(keys);
        return result;
    }
    ExpandedConfig expanded(const PoolConfig &written) const
    {
        return expandKeySets(written, [this](const std::string &reference) -> const std::vector<std::string> * {
            const auto found = m_found.find(reference);
            return found == m_found.end() ? nullptr : &found->second;
        });
    }
    /// `key_id=reference`, with spaces between.
    static std::string shown(const PoolConfig &config)
    {
        std::string all;
        for (const Provider &provider : config.providers)
            for (const KeyEntry &each : provider.keys)
                all += (all.empty() ? "" : " ") + each.keyId + "=" + each.apiKey;
        return all;
    }

private Q_SLOTS:
    void init() { m_found.clear(); }

    void eachNameBecomesAKeyWithTheEntrysFields()
    {
        m_found["env:GEMINI_KEY_*"] = {"env:GEMINI_KEY_1", "env:GEMINI_KEY_2", "env:GEMINI_KEY_PROD_A"};
        const auto result =
            expanded(config({key("env:FIRST", "first"), key("env:GEMINI_KEY_*"), key("env:LAST", "last")}));
        QCOMPARE(shown(result.config),
                 std::string("first=env:FIRST gemini-key-1=env:GEMINI_KEY_1 gemini-key-2=env:GEMINI_KEY_2 "
                             "gemini-key-prod-a=env:GEMINI_KEY_PROD_A last=env:LAST"));
        QVERIFY(result.problems.empty());
        for (const KeyEntry &each : result.config.providers[0].keys) {
            QCOMPARE(each.limits.rpm, std::optional<std::int64_t>(15));
            QCOMPARE(each.models.size(), std::size_t(1));
        }
    }

    void theIdIsTheNameOrTheGivenOneFilledIn_data()
    {
        QTest::addColumn<QString>("given");
        QTest::addColumn<QString>("set");
        QTest::addColumn<QString>("member");
        QTest::addColumn<QString>("id");
        const auto row = [](const char *given, const char *set, const char *member, const char *id) {
            QTest::newRow(member) << QString::fromLatin1(given) << QString::fromLatin1(set)
                                  << QString::fromLatin1(member) << QString::fromLatin1(id);
        };
        row("", "env:GEMINI_KEY_*", "env:GEMINI_KEY_7", "gemini-key-7");
        row("", "file:/run/secrets/*", "file:/run/secrets/My_Key.2", "my-key.2");
        row("gem-*", "env:GEMINI_KEY_*", "env:GEMINI_KEY_42", "gem-42");
        row("gem-*", "env:GEMINI_KEY_*", "env:GEMINI_KEY_PROD_A", "gem-prod-a");
        row("*-of-team", "store:*_KEY", "store:RED_KEY", "red-of-team");
        row("k-*", "env:*_KEY_*", "env:A_B_KEY_3", "k-a-b-3");
        row("k-*", "file:keys/x*y*z", "file:keys/xyz", "k-");
        row("", "vault:secret/llm#GEMINI_*", "vault:secret/llm#GEMINI_3", "gemini-3");
        row("g-*", "vault:secret/llm/*#key", "vault:secret/llm/Team_A#key", "g-team-a");
        row("a*b*", "env:K_*", "env:K_1", "a1b1");
    }
    void theIdIsTheNameOrTheGivenOneFilledIn()
    {
        QFETCH(QString, given);
        QFETCH(QString, set);
        QFETCH(QString, member);
        QFETCH(QString, id);
        QCOMPARE(QString::fromStdString(setMemberId(given.toStdString(), set.toStdString(), member.toStdString())), id);
    }

    void whatIsWrittenOutWinsAndDoublesAreTold()
    {
        m_found["env:K_*"] = {"env:K_1", "env:K_2"};
        m_found["file:k/K_*"] = {"file:k/K_2", "file:k/K_3"};
        const auto result = expanded(config({key("env:K_*"), key("file:k/K_*"), key("env:OTHER", "k-1")}));
        QCOMPARE(shown(result.config), std::string("k-2=env:K_2 k-3=file:k/K_3 k-1=env:OTHER"));
        QCOMPARE(result.problems.size(), std::size_t(2));
        QVERIFY(result.problems[0].find("env:K_1") != std::string::npos);
        QVERIFY(result.problems[1].find("file:k/K_2") != std::string::npos);
    }

    void aNameThatCannotBeAnIdIsTold()
    {
        m_found["env:K_*"] = {"env:K_" + std::string(63, 'X'), "env:K_" + std::string(62, 'X')};
        const auto result = expanded(config({key("env:K_*")}));
        QCOMPARE(result.config.providers[0].keys.size(), std::size_t(1));
        QCOMPARE(result.problems.size(), std::size_t(1));
    }

    void aSetThatFoundNothingIsNoKey()
    {
        m_found["env:K_*"] = {};
        QCOMPARE(shown(expanded(config({key("env:K_*"), key("env:NOT_LISTED_*"), key("env:A", "a")})).config),
                 std::string("a=env:A"));
    }

    void aDocumentWithoutSetsStaysAsItIs()
    {
        const PoolConfig written = config({key("env:A", "a"), key("B_PLACEHOLDER", "b")});
        QVERIFY(expanded(written).config == written);
    }
};

QTEST_APPLESS_MAIN(TestKeySets)
#include "test_keysets.moc"
