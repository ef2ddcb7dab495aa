// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secretref.h"

#include <QtTest>

using namespace keymux;

class TestSecretRef : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindIsRead()
    {
        using Kind = SecretRef::Kind;
        const std::pair<const char *, SecretRef> all[] = {
            {"GEMINI_KEY_1_PLACEHOLDER", {Kind::Placeholder, "GEMINI_KEY_1", {}}},
            {"key_PLACEHOLDER", {Kind::Placeholder, "key", {}}},
            {"env:GEMINI_KEY_1", {Kind::Env, "GEMINI_KEY_1", {}}},
            {"file:/run/secrets/key one", {Kind::File, "/run/secrets/key one", {}}},
            {"file:relative/schlüssel", {Kind::File, "relative/schlüssel", {}}},
            {"store:a.b-c", {Kind::Store, "a.b-c", {}}},
            {"keychain:NAME", {Kind::Keychain, "NAME", {}}},
            {"infisical:NAME", {Kind::Infisical, "NAME", {}}},
            {"vault:secret/data/llm#api_key", {Kind::Vault, "secret/data/llm", "api_key"}},
            {"vault:odd#path#field", {Kind::Vault, "odd#path", "field"}},
            // A kind by its prefix, whatever the name ends with.
            {"env:A_PLACEHOLDER", {Kind::Env, "A_PLACEHOLDER", {}}},
        };
        for (const auto &[text, expected] : all) {
            const auto ref = parseSecretRef(text);
            QVERIFY2(ref && *ref == expected, text);
        }
    }

    void aStarMakesASet()
    {
        QVERIFY(parseSecretRef("env:GEMINI_KEY_*")->isSet());
        QVERIFY(parseSecretRef("vault:secret/llm/KEY_*#value")->isSet());
        QVERIFY(parseSecretRef("vault:secret/llm#KEY_*")->isSet());
        QVERIFY(!parseSecretRef("vault:secret/llm#KEY")->isSet());
        QVERIFY(parseSecretRef("file:/run/secrets/GEMINI_*")->isSet());
        QVERIFY(!parseSecretRef("env:GEMINI_KEY_1")->isSet());
    }

    void everythingElseIsTakenForASecret_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"",
                                 " ",
                                 "sk-proj-abc",
                                 "AIzaSyA",
                                 "env:",
                                 "env:A B",
                                 "env:A=B",
                                 "env:A/B",
                                 "Env:A",
                                 "ENV:A",
                                 " env:A",
                                 "env: A",
                                 "file:",
                                 "store:",
                                 "keychain:",
                                 "infisical:",
                                 "vault:",
                                 "vault:path",
                                 "vault:#field",
                                 "vault:path#",
                                 "vault:path#a b",
                                 "_PLACEHOLDER",
                                 "A-B_PLACEHOLDER",
                                 "A B_PLACEHOLDER",
                                 "A_PLACEHOLDER ",
                                 "PLACEHOLDER",
                                 "A_placeholder",
                                 "*_PLACEHOLDER",
                                 "file:a\nb",
                                 "file:a\x7f"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("a NUL") << QByteArray("env:A\0B", 7);
        QTest::newRow("a long name") << "env:" + QByteArray(257, 'A');
        QTest::newRow("a long placeholder") << QByteArray(257, 'A') + "_PLACEHOLDER";
        QTest::newRow("a long path") << "file:" + QByteArray(4097, 'a');
    }
    void everythingElseIsTakenForASecret()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!parseSecretRef({text.constData(), std::size_t(text.size())}));
    }

    void theLongestNamesAreTaken()
    {
        QVERIFY(parseSecretRef("env:" + std::string(256, 'A')));
        QVERIFY(parseSecretRef(std::string(256, 'A') + "_PLACEHOLDER"));
        QVERIFY(parseSecretRef("file:" + std::string(4096, 'a')));
    }
};

QTEST_APPLESS_MAIN(TestSecretRef)
#include "test_secretref.moc"
