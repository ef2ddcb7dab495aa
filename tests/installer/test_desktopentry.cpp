// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop's entry and metainfo, by the tools that distributions check them with, where they are installed.
#include <QFile>
#include <QHash>
#include <QProcess>
#include <QStandardPaths>
#include <QXmlStreamReader>
#include <QtTest>

using namespace Qt::StringLiterals;

class TestDesktopEntry : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFilesAreValid_data()
    {
        QTest::addColumn<QString>("tool");
        QTest::addColumn<QStringList>("arguments");
        const QString linux = QStringLiteral(KEYMUX_SOURCE_DIR "/installer/linux/");
        QTest::newRow("entry") << u"desktop-file-validate"_s << QStringList{linux + "keymux-admin.desktop"_L1};
        QTest::newRow("metainfo") << u"appstreamcli"_s
                                  << QStringList{u"validate"_s, u"--no-net"_s,
                                                 linux + "io.github.keymux.admin.metainfo.xml"_L1};
    }

    void theFilesAreValid()
    {
        QFETCH(QString, tool);
        QFETCH(QStringList, arguments);
        QVERIFY2(!QStandardPaths::findExecutable(tool).isEmpty(), "not installed; quickstart installs it");
        QProcess process;
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(tool, arguments);
        QVERIFY(process.waitForFinished());
        QByteArray said = process.readAll();
        // A newer appstreamcli wants a home page; there is none that it could name.
        const QByteArray homepage = "W: io.github.keymux.admin:~: url-homepage-missing";
        if (said.contains(homepage)) {
            said.replace(homepage, "");
            QVERIFY2(!said.contains("\nW:") && !said.contains("\nE:"), said.constData());
        } else
            QVERIFY2(process.exitCode() == 0, said.constData());
    }

    void whatTheEntryNamesIsInstalled()
    {
        QFile entry(QStringLiteral(KEYMUX_SOURCE_DIR "/installer/linux/keymux-admin.desktop"));
        QFile install(QStringLiteral(KEYMUX_SOURCE_DIR "/installer/CMakeLists.txt"));
        QVERIFY(entry.open(QIODevice::ReadOnly) && install.open(QIODevice::ReadOnly));
        const QByteArray said = entry.readAll(), rules = install.readAll();
        QVERIFY(said.contains("Exec=keymux-admin\n") && rules.contains("TARGETS keymux-admin"));
        QVERIFY(said.contains("Icon=keymux-admin\n") && rules.contains("RENAME keymux-admin.svg"));
    }

    void theBundleOfMacOsIsCalledAsTheMetainfoSays()
    {
        QFile list(QStringLiteral(KEYMUX_SOURCE_DIR "/installer/macos/Info.plist.in"));
        QFile metainfo(QStringLiteral(KEYMUX_SOURCE_DIR "/installer/linux/io.github.keymux.admin.metainfo.xml"));
        QVERIFY(list.open(QIODevice::ReadOnly) && metainfo.open(QIODevice::ReadOnly));
        QXmlStreamReader reader(&list);
        QHash<QString, QString> said;
        for (QString key; !reader.atEnd(); reader.readNext()) {
            if (reader.isStartElement() && reader.name() == "key"_L1)
                key = reader.readElementText();
            else if (reader.isStartElement() && reader.name() == "string"_L1)
                said.insert(key, reader.readElementText());
        }
        QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
        QVERIFY(metainfo.readAll().contains("<id>" + said["CFBundleIdentifier"_L1].toUtf8() + "</id>"));
        QCOMPARE(said["CFBundlePackageType"_L1], "APPL"_L1);
        QCOMPARE(said["CFBundleIconFile"_L1], "keymux.icns"_L1);
        QCOMPARE(said["CFBundleShortVersionString"_L1], "@PROJECT_VERSION@"_L1);
    }
};

QTEST_GUILESS_MAIN(TestDesktopEntry)
#include "test_desktopentry.moc"
