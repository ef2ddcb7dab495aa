// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/daemon.h"
#include "support/show.h"

#include <QtTest>
#include <fstream>
#include <sstream>

using namespace keymux::testing;

namespace {

std::string outputOf(const std::vector<std::string> &command)
{
    Process process(command, {"PATH=/usr/bin:/bin", "HOME=/nonexistent"});
    process.wait();
    process.waitForEnd();
    return process.out() + process.err();
}

} // namespace

/// The shells themselves are asked what they would offer.
class CompletionTest : public QObject {
    Q_OBJECT

private:
    TemporaryFolder m_folder;

    std::string script(const std::string &shell) const
    {
        const std::string path = (m_folder.path() / shell).string();
        std::ofstream(path) << outputOf({daemonProgram(), "completion", shell});
        return path;
    }

    /// What bash completes after these words.
    std::vector<std::string> offered(const std::string &line) const
    {
        const std::string program =
            ". " + script("bash") + "; COMP_WORDS=(" + line +
            "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _keymuxd; printf '%s\\n' \"${COMPREPLY[@]}\"";
        std::istringstream lines(outputOf({"/bin/bash", "--norc", "-c", program}));
        std::vector<std::string> words;
        for (std::string word; std::getline(lines, word);)
            words.push_back(word);
        return words;
    }

private Q_SLOTS:
    void commandsAreOffered()
    {
        const auto commands = offered("keymuxd ''");
        for (const char *name : {"serve", "bootstrap", "check", "key", "secret", "status", "completion"})
            QVERIFY2(std::count(commands.begin(), commands.end(), name) == 1, name);
        QCOMPARE(offered("keymuxd key mi"), (std::vector<std::string>{"mint"}));
    }

    void flagsOfTheCommandAreOffered()
    {
        QCOMPARE(offered("keymuxd serve --log-f"), (std::vector<std::string>{"--log-format"}));
        QCOMPARE(offered("keymuxd key mint --state /x --expo"), (std::vector<std::string>{"--expose-route"}));
        QVERIFY(offered("keymuxd check --log-f").front().empty()); // not a flag of this command
    }

    void valuesOfASetAreOfferedAndFilesElsewhere()
    {
        QCOMPARE(offered("keymuxd serve --log-format ''"), (std::vector<std::string>{"text", "json"}));
        std::ofstream(m_folder.path() / "some-pool.json") << "{}";
        QCOMPARE(offered("keymuxd serve --config " + m_folder.path().string() + "/some"),
                 (std::vector<std::string>{(m_folder.path() / "some-pool.json").string()}));
    }

    void everyShellReadsItsScript_data()
    {
        QTest::addColumn<QString>("shell");
        for (const char *shell : {"bash", "zsh", "fish"})
            QTest::newRow(shell) << QString(QLatin1String(shell));
    }
    void everyShellReadsItsScript()
    {
        QFETCH(QString, shell);
        const std::string program = "/usr/bin/" + shell.toStdString();
        if (!std::filesystem::exists(program))
            QSKIP("this shell is not installed; ./quickstart test installs it");
        Process process({program, "-n", script(shell.toStdString())}, {"PATH=/usr/bin:/bin", "HOME=/nonexistent"});
        QCOMPARE(process.wait(), std::optional<int>(0));
        process.waitForEnd();
        QCOMPARE(process.err(), std::string());
    }

    void anUnknownShellIsWrongUsage()
    {
        Process process({daemonProgram(), "completion", "tcsh"}, {"PATH=/usr/bin:/bin"});
        QCOMPARE(process.wait(), std::optional<int>(2));
    }
};

QTEST_GUILESS_MAIN(CompletionTest)
#include "test_completion.moc"
