// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/secretimport.h"
#include "page/secrets/secretfield.h"

#include <QFontDatabase>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace keymux::gui;

namespace {

const QByteArray geminiA = "AIzaSyExampleKeyNumber0000000000000001", geminiB = "AIzaSyExampleKeyNumber0000000000000002";

SecretImport read(const QByteArray &text, const SecretImportOptions &options = {})
{
    return readSecrets(text, options);
}

QStringList idsOf(const SecretImport &import)
{
    QStringList ids;
    for (const SecretImport::Row &row : import.rows)
        ids.append(row.problem.isEmpty() ? row.provider + u'/' + row.keyId : row.problem);
    return ids;
}

/// Everything a person is shown of an import.
QString shown(const SecretImport &import)
{
    QStringList all{import.problem};
    all += import.notes;
    for (const SecretImport::Row &row : import.rows)
        all += {row.keyId, row.provider, row.masked, row.problem};
    if (import.table) {
        all += import.table->titles(true) + import.table->titles(false);
        for (int i = 0; i < import.table->columns(); ++i)
            all.append(import.table->sample(i, import.mapping));
    }
    return all.join(u'\n');
}

/// How a text with this secret looks in the field it is pasted into.
QImage picture(const QString &text, bool revealed, bool selected)
{
    SecretField field;
    // Of equal letters, so that two secrets differ in nothing but these.
    field.setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    field.setPlainText(text);
    field.resize(700, 200);
    field.setRevealed(revealed);
    if (selected)
        field.selectAll();
    return field.grab().toImage();
}

CsvMapping mapping(bool header, int name, int secret, int provider = -1, int group = -1)
{
    return {header, {name, secret, provider, group}};
}

} // namespace

class TestSecretImport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsLeftOutIsSaidInTheDesktopsOwnWords()
    {
        const SecretImport import = read("GEMINI_KEY_1=" + geminiA + "\nGEMINI_KEY_2=" + geminiA +
                                         "\nEDITOR=vi\nSOME_KEY=abc\nGEMINI_KEY_3=\nnot a key\n");
        QCOMPARE(idsOf(import), QStringList{u"gemini/gemini-key-1"_s});
        QCOMPARE(import.notes.size(), 5);
        const QString all = import.notes.join(u'\n');
        QVERIFY2(!all.contains("--"_L1), qPrintable(all)); // a desktop has no flags
        QVERIFY2(all.endsWith("Line 6: NAME=key is expected"_L1), qPrintable(all));
        QVERIFY2(all.contains("Line 3, EDITOR: its name does not say that it holds a key"_L1), qPrintable(all));
    }

    void aPastedSecretIsNotSeenUntilItIsRevealed_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::newRow("variable") << u"GEMINI_API_KEY_OF_OUR_TEAM_1="_s << u"\n"_s;
        QTest::newRow("quoted variable") << u"export GEMINI_API_KEY_1='"_s << u"'\n"_s;
        QTest::newRow("JSON") << u"{\"GEMINI_API_KEY_OF_OUR_TEAM_1\" : \""_s << u"\"}"_s;
        QTest::newRow("table") << u"name;key\ngemini-1;"_s << u";gemini\n"_s;
        QTest::newRow("bare") << u""_s << u"\n"_s;
        QTest::newRow("padded") << u"GEMINI_API_KEY_1="_s << u"=="_s;
    }

    void aPastedSecretIsNotSeenUntilItIsRevealed()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        const QString one = before + QString::fromLatin1(geminiA) + after;
        const QString other = before + QString::fromLatin1(geminiB) + after;
        const QString another = before + u"NoKeyOfGoogleButOneOfExactlyTheSameLen"_s + after;
        for (const bool selected : {false, true}) {
            QCOMPARE(picture(one, false, selected), picture(other, false, selected));
            QCOMPARE(picture(one, false, selected), picture(another, false, selected));
        }
        QVERIFY(picture(one, true, false) != picture(other, true, false));
        if (!before.isEmpty())
            QVERIFY(picture(one, false, false) != picture(u"#"_s + one.mid(1), false, false));
    }

    void columnsAreGuessed_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("name");
        QTest::addColumn<int>("secret");
        QTest::addColumn<int>("provider");
        QTest::addColumn<bool>("header");
        QTest::newRow("the importer's own words")
            << QByteArray("provider,key_id,api_key\ngemini,a," + geminiA) << 1 << 2 << 0 << true;
        QTest::newRow("semicolons, token first")
            << QByteArray("Token;Label\n" + geminiA + ";gemini-a\n") << 1 << 0 << -1 << true;
        QTest::newRow("tabs, key is the name beside value")
            << QByteArray("key\tvalue\nGEMINI_KEY_1\t" + geminiA + "\n") << 0 << 1 << -1 << true;
        QTest::newRow("key is the secret beside name")
            << QByteArray("name,key\ngemini-a," + geminiA + "\n") << 0 << 1 << -1 << true;
        QTest::newRow("no header") << QByteArray("gemini-a," + geminiA + ",gemini\ngemini-b," + geminiB + ",gemini\n")
                                   << 0 << 1 << 2 << false;
        QTest::newRow("a header of other words")
            << QByteArray("wer,was\ngemini-a," + geminiA + "\n") << -1 << 1 << -1 << true;
        QTest::newRow("a password safe's export")
            << QByteArray("\"Group\",\"Title\",\"Username\",\"Password\"\n\"Root\",\"openai-1\",\"me\",\"sk-proj-"
                          "aBcDeFgHiJkLmNoPqRsT12\"\n")
            << 1 << 3 << -1 << true;
    }

    void columnsAreGuessed()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, name);
        QFETCH(int, secret);
        QFETCH(int, provider);
        QFETCH(bool, header);
        const SecretImport import = read(text);
        QVERIFY(import.table.has_value());
        QCOMPARE(import.mapping.header, header);
        QCOMPARE(import.mapping.of(CsvRole::Secret), secret);
        QCOMPARE(import.mapping.of(CsvRole::Name), name);
        QCOMPARE(import.mapping.of(CsvRole::Provider), provider);
    }

    void whatIsNoTableIsReadAsBefore_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("variables") << QByteArray("# keys of gemini, and more\nGEMINI_KEY_1=" + geminiA + "\n");
        QTest::newRow("a variable with two keys") << QByteArray("GEMINI_KEYS=" + geminiA + "," + geminiB + "\n");
        QTest::newRow("json") << QByteArray("{\"GEMINI_KEY_1\": \"" + geminiA + "\"}");
        QTest::newRow("bare keys") << geminiA + "\n" + geminiB + "\n";
    }

    void whatIsNoTableIsReadAsBefore()
    {
        QFETCH(QByteArray, text);
        SecretImportOptions options;
        options.provider = u"gemini"_s;
        const SecretImport import = read(text, options);
        QVERIFY(!import.table);
        QVERIFY2(import.taken() > 0, qPrintable(import.problem));
    }

    void quotesSeparatorsAndLineEndsInCells()
    {
        const SecretImport import = read("name;note;token\r\n\"gemini;a\";\"says \"\"x\"\"\r\nand more\";" + geminiA +
                                         "\r\ngemini-b;;" + geminiB + "\r\n");
        QCOMPARE(idsOf(import), (QStringList{u"gemini/gemini-a"_s, u"gemini/gemini-b"_s}));
        QVERIFY2(import.notes.contains(u"“note” is left out."_s), qPrintable(import.notes.join(u'|')));
    }

    void aMappingBeatsTheGuess()
    {
        SecretImportOptions options;
        options.scheme = u"store:"_s;
        options.mapping = mapping(true, 1, 3, 0, 4);
        const SecretImport import = read("provider,label,name,api_key,team\ngemini,first,x," + geminiA +
                                             ",red\nOpenAI,second,y,sk-short,blue\n",
                                         options);
        QCOMPARE(idsOf(import), (QStringList{u"gemini/first"_s, u"openai/second"_s}));
        QCOMPARE(import.import.providers[0].keys[0].quotaGroup, "red");
        QCOMPARE(import.import.providers[0].keys[0].reference, "store:FIRST");
        QVERIFY(import.notes.contains(u"“name” is left out."_s));
    }

    void limitsAndModelsOfTheTableAreKept()
    {
        const SecretImport import = read("token,title,models,rpm_limit\n" + geminiA + ",gemini-a,m1;m2,15\n");
        QCOMPARE(import.taken(), 1);
        const keymux::ImportedKey &key = import.import.providers[0].keys[0];
        QCOMPARE(key.models.size(), std::size_t(2));
        QCOMPARE(key.limits.rpm, std::optional<std::int64_t>(15));
    }

    void theProviderIsChosenOrInTheName()
    {
        const QByteArray text = "name,token\nmine," + geminiA + "\n";
        QVERIFY(read(text).problem.startsWith(u"Nothing says whose keys these are"_s));
        SecretImportOptions options;
        options.provider = u"openai"_s;
        QCOMPARE(idsOf(read(text, options)), QStringList{u"openai/mine"_s});
        const SecretImport mixed = read("name,token\nGROQ_KEY_1," + geminiA + "\nmine," + geminiB + "\n");
        QCOMPARE(idsOf(mixed), (QStringList{u"Line 3 does not say whose key it is"_s, u"groq/GROQ_KEY_1"_s}));
        QCOMPARE(mixed.taken(), 1);
    }

    void aWrongMappingIsSaid()
    {
        const QByteArray text = "name,token,note\ngemini-a," + geminiA + ",\ngemini-b," + geminiB + ",\n";
        const auto problem = [&](const CsvMapping &wrong) {
            SecretImportOptions options;
            options.mapping = wrong;
            const SecretImport import = read(text, options);
            return import.taken() == 0 && import.import.secrets.empty() ? import.problem : u"taken"_s;
        };
        QCOMPARE(problem(mapping(true, 0, -1)), u"Choose the column that holds the secrets."_s);
        QCOMPARE(problem(mapping(true, 1, 1)),
                 u"Name and Secret are both read from “token”: choose another column for one of them."_s);
        QCOMPARE(problem(mapping(true, 0, 2)),
                 u"“note” is empty in every line: choose the column that holds the secrets."_s);
        QVERIFY(problem(mapping(true, 1, 0)).contains(u"names are shown everywhere"_s));
        SecretImportOptions options;
        options.mapping = mapping(true, -1, 0);
        options.provider = u"gemini"_s;
        QVERIFY(read(text, options).notes.contains(u"“token” looks more like the secrets than “name” does."_s));
    }

    void linesWithoutASecretAreNamed()
    {
        const SecretImport import = read("name,token\ngemini-a,\ngemini-b," + geminiB + "\ngemini-c,x,y\n");
        QCOMPARE(idsOf(import),
                 (QStringList{u"Line 2 has no secret"_s, u"Line 4 has too many cells"_s, u"gemini/gemini-b"_s}));
    }

    void nothingThatIsShownHoldsASecret_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("guessed") << QByteArray("name,key,backup\ngemini-a," + geminiA + "," + geminiB + "\n");
        QTest::newRow("no header") << QByteArray(geminiA + ",gemini-a\n" + geminiB + ",gemini-b\n");
        QTest::newRow("only secrets") << QByteArray(geminiA + "," + geminiB + "\n");
        QTest::newRow("one of many") << QByteArray("name,note,token\ngemini-a,x," + geminiA + "\ngemini-b," + geminiB +
                                                   ",\n");
    }

    void nothingThatIsShownHoldsASecret()
    {
        QFETCH(QByteArray, text);
        for (const bool header : {true, false}) {
            for (int name = -1; name < 3; ++name) {
                for (int secret = -1; secret < 3; ++secret) {
                    SecretImportOptions options;
                    options.provider = u"gemini"_s;
                    options.mapping = mapping(header, name, secret);
                    const QString all = shown(read(text, options));
                    QVERIFY2(!all.contains(u"ExampleKey"_s, Qt::CaseInsensitive), qPrintable(all));
                }
            }
        }
    }
};

QTEST_MAIN(TestSecretImport)
#include "test_secretimport.moc"
