// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commandline.h"

#include <QFile>
#include <QRegularExpression>
#include <QtTest>
#include <set>
#include <sstream>

using namespace keymux;

namespace {

constexpr const char *commands[] = {"",
                                    "serve",
                                    "bootstrap",
                                    "check",
                                    "key",
                                    "key mint",
                                    "key list",
                                    "key show",
                                    "key update",
                                    "key rotate",
                                    "key revoke",
                                    "status",
                                    "secret",
                                    "secret set",
                                    "secret list",
                                    "secret remove",
                                    "secret rekey",
                                    "import",
                                    "import litellm",
                                    "import env",
                                    "import csv",
                                    "completion"};

QString helpOf(const QString &command)
{
    std::vector<std::string> words{"keymuxd"};
    const QStringList parts = command.split(u' ', Qt::SkipEmptyParts);
    for (const QString &part : parts)
        words.push_back(part.toStdString());
    words.emplace_back("--help");
    std::vector<const char *> argv;
    for (const std::string &word : words)
        argv.push_back(word.c_str());
    std::ostringstream out, err;
    const int exitCode = runCommandLine(int(argv.size()), argv.data(),
                                        {.serve = [](const ServeOptions &) { return 1; }, .out = out, .err = err});
    return exitCode == 0 ? QString::fromStdString(out.str()) : QString();
}

/// What a reader of the page sees: dashes without their backslashes.
QString manualPage()
{
    QFile file(QStringLiteral(KEYMUX_SOURCE_DIR "/resources/man/keymuxd.1"));
    return file.open(QIODevice::ReadOnly)
               ? QString::fromUtf8(file.readAll()).replace(QStringLiteral("\\-"), QStringLiteral("-"))
               : QString();
}

/// Every long flag in a text.
std::set<QString> flagsIn(const QString &text)
{
    static const QRegularExpression flag(QStringLiteral("--[a-z][a-z-]*"));
    std::set<QString> flags;
    auto matches = flag.globalMatch(text);
    while (matches.hasNext())
        flags.insert(matches.next().captured());
    return flags;
}

} // namespace

class TestManualPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesEveryCommand()
    {
        const QString page = manualPage();
        for (const char *command : commands) {
            QVERIFY2(!helpOf(QString::fromLatin1(command)).isEmpty(), command);
            QVERIFY2(page.contains(QStringLiteral("keymuxd ") + QString::fromLatin1(command)), command);
        }
    }

    void namesEveryFlagAndNoOther()
    {
        std::set<QString> known;
        for (const char *command : commands)
            known.merge(flagsIn(helpOf(QString::fromLatin1(command))));
        QVERIFY(known.size() > 15);
        const std::set<QString> named = flagsIn(manualPage());
        for (const QString &flag : known)
            QVERIFY2(named.contains(flag), qPrintable(flag + QStringLiteral(" is not in the page")));
        for (const QString &flag : named)
            QVERIFY2(known.contains(flag), qPrintable(flag + QStringLiteral(" is not known")));
    }

    /// The commands above are all there are.
    void knowsEveryCommand()
    {
        static const QRegularExpression entry(QStringLiteral("^  ([a-z]+) "), QRegularExpression::MultilineOption);
        std::set<QString> listed;
        for (const char *parent : {"", "key", "secret", "import"}) {
            const QString help = helpOf(QString::fromLatin1(parent));
            auto matches = entry.globalMatch(help.mid(help.indexOf(QStringLiteral("Subcommands:"))));
            while (matches.hasNext())
                listed.insert((QString::fromLatin1(parent) + u' ' + matches.next().captured(1)).trimmed());
        }
        std::set<QString> here;
        for (const char *command : commands)
            here.insert(QString::fromLatin1(command));
        here.erase(QString());
        QCOMPARE(listed, here);
    }
};

QTEST_APPLESS_MAIN(TestManualPage)
#include "test_manualpage.moc"
