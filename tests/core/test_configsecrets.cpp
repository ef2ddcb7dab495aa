// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configsecrets.h"
#include "core/jsonprint.h"

#include <QTest>

using namespace keymux;

class ConfigSecretsTest : public QObject {
    Q_OBJECT

private:
    static std::string document(const std::string &first, const std::string &second)
    {
        return "// the old one was literal-one-1234\n{\"providers\": {\"p\": {\"keys\": [\n  /* \xc3\xa4 */ "
               "{\"key_id\": "
               "\"a\", \"api_key\": \"" +
               first + "\"},\n  {\"api_key\": \"" + second + "\", \"key_id\": \"b\"},]}}}";
    }

private Q_SLOTS:
    void literalSecretsAreHiddenEverywhere()
    {
        const std::string hidden = hideLiteralSecrets(document("literal-one-1234", "env:TWO"));
        QVERIFY2(hidden.find("literal-one") == std::string::npos, hidden.c_str());
        QVERIFY(hidden.find("\"a\", \"api_key\": \"***\"") != std::string::npos);
        QVERIFY(hidden.find("env:TWO") != std::string::npos);
        QVERIFY(hidden.find("// the old one was ***") != std::string::npos);
        QVERIFY(hideLiteralSecrets("{ literal-one-1234").empty());
        QVERIFY2(hideLiteralSecrets(document("lit\\u0065ral\\\"quoted", "env:TWO")).find("quoted") == std::string::npos,
                 "an escaped one stayed");
    }

    void whatWasHiddenIsFilledInAgain()
    {
        const std::string inForce = document("literal-one-1234", "short");
        QCOMPARE(fillHiddenSecrets(document("***", "***"), inForce).value(), inForce);
        QCOMPARE(fillHiddenSecrets(document("env:ONE", "***"), inForce).value(), document("env:ONE", "short"));
        const auto unknown = fillHiddenSecrets(document("***", "env:X"), document("env:ONE", "x"));
        QVERIFY(!unknown);
        QVERIFY2(unknown.error().message.find("providers.p.keys[a].api_key") != std::string::npos,
                 unknown.error().message.c_str());
    }

    void aDocumentIsPrintedAsPlainJson()
    {
        const auto json =
            readJsonText("{\"b\": 1.50, /* x */ \"a\": [true, null, {}, [],], \"t\": \"\\u00e4\\n\\\"\"}");
        QVERIFY(json.value.has_value());
        QCOMPARE(printJson(*json.value),
                 std::string("{\n  \"b\": 1.50,\n  \"a\": [\n    true,\n    null,\n    {},\n    []\n  ],\n  \"t\": "
                             "\"\xc3\xa4\\n\\\"\"\n}\n"));
    }
};

QTEST_APPLESS_MAIN(ConfigSecretsTest)
#include "test_configsecrets.moc"
