// SPDX-License-Identifier: GPL-3.0-or-later
// docs/MIGRATING.md does what it says: its blocks are run on files as people have them.
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>

using namespace Qt::StringLiterals;

namespace {

const QString fixtures = QStringLiteral(KEYMUX_SOURCE_DIR "/tests/installer/migrating/");

/// The block of commands below a heading that is marked to be run.
QString blockBelow(const QString &heading)
{
    QFile page(QStringLiteral(KEYMUX_SOURCE_DIR "/docs/MIGRATING.md"));
    if (!page.open(QIODevice::ReadOnly))
        return {};
    const QRegularExpression block(
        u"## %1\\n.*?<!-- run -->\\n```sh\\n(.*?)```"_s.arg(QRegularExpression::escape(heading)),
        QRegularExpression::DotMatchesEverythingOption);
    return block.match(QString::fromUtf8(page.readAll())).captured(1);
}

} // namespace

class TestMigrating : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyWayInWorks_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<int>("keys");
        QTest::addColumn<QByteArray>("secret");
        QTest::newRow("From LiteLLM's proxy")
            << QStringList{u"config.yaml"_s} << 3 << QByteArray("gsk-written-into-the-file");
        QTest::newRow("From a script with a list of keys") << QStringList{u".env"_s} << 3 << QByteArray("AIza-a");
        QTest::newRow("From one-api") << QStringList{u"one-api.sql"_s} << 4 << QByteArray("AIza-one");
        QTest::newRow("From gpt-load") << QStringList{u"keys.txt"_s} << 3 << QByteArray("AIza-first");
    }

    void everyWayInWorks()
    {
        QFETCH(QStringList, files);
        QFETCH(int, keys);
        QFETCH(QByteArray, secret);
        const QString commands = blockBelow(QString::fromUtf8(QTest::currentDataTag()));
        QVERIFY(commands.contains("keymuxd import"_L1));
        QTemporaryDir folder;
        for (const QString &file : files)
            QVERIFY(QFile::copy(fixtures + file, folder.filePath(file)));
        QProcess shell;
        shell.setWorkingDirectory(folder.path());
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"PATH"_s, QStringLiteral(KEYMUX_BIN_DIR ":") + environment.value(u"PATH"_s));
        shell.setProcessEnvironment(environment);
        shell.setProcessChannelMode(QProcess::MergedChannels);
        if (files.contains(u"one-api.sql"_s)) {
            shell.start(u"sh"_s, {u"-c"_s, u"sqlite3 one-api.db < one-api.sql"_s});
            QVERIFY(shell.waitForFinished() && shell.exitCode() == 0);
        }
        shell.start(u"sh"_s, {u"-e"_s, u"-c"_s, commands});
        QVERIFY(shell.waitForFinished(60000));
        const QByteArray said = shell.readAll();
        QVERIFY2(shell.exitCode() == 0, said.constData());
        QFile made(folder.filePath(u"key-pool-config.json"_s));
        QVERIFY(made.open(QIODevice::ReadOnly));
        const QByteArray text = made.readAll();
        QVERIFY2(!text.contains(secret), "a key is in the config");
        const auto document = nlohmann::json::parse(text.toStdString(), nullptr, false, true);
        QVERIFY(document.is_object());
        int found = 0;
        for (const auto &provider : document["providers"])
            found += int(provider["keys"].size());
        QCOMPARE(found, keys);
        bool kept = false;
        QDirIterator it(folder.filePath(u"secrets"_s), QDir::Files | QDir::Hidden);
        while (it.hasNext()) {
            QFile file(it.next());
            kept = kept || (file.open(QIODevice::ReadOnly) && file.readAll().trimmed() == secret);
        }
        QVERIFY2(kept, said.constData());
    }
};

QTEST_GUILESS_MAIN(TestMigrating)
#include "test_migrating.moc"
