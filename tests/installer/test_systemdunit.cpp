// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/daemon.h"
#include "support/show.h"

#include <QRegularExpression>
#include <QtTest>
#include <fstream>
#include <sstream>

using namespace keymux::testing;

namespace {

std::string contentOf(const std::string &path)
{
    std::ifstream file(std::string(KEYMUX_SOURCE_DIR) + '/' + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Ran {
    int exitCode = -1;
    std::string out, err;
};

Ran ran(const std::vector<std::string> &command)
{
    Process process(command, {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "LANG=C.UTF-8"});
    Ran result;
    result.exitCode = process.wait().value_or(-1);
    process.waitForEnd();
    result.out = process.out();
    result.err = process.err();
    return result;
}

} // namespace

/// The service as the packages install it.
class SystemdUnitTest : public QObject {
    Q_OBJECT

private:
    const std::string m_unit = std::string(KEYMUX_SOURCE_DIR) + "/installer/linux/keymux.service";

    std::string value(const std::string &name) const
    {
        std::istringstream lines(contentOf("installer/linux/keymux.service"));
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with(name + "="))
                return line.substr(name.size() + 1);
        }
        return {};
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (!std::filesystem::exists("/usr/bin/systemd-analyze"))
            QSKIP("systemd is not installed; ./quickstart test installs it");
    }

    void theServiceIsLockedIn()
    {
        const Ran answer = ran({"/usr/bin/systemd-analyze", "security", "--offline=true", "--no-pager", m_unit});
        const QRegularExpression level(QStringLiteral("Overall exposure level for keymux.service: ([0-9.]+)"));
        const auto match = level.match(QString::fromStdString(answer.out));
        QVERIFY2(match.hasMatch(), (answer.out + answer.err).c_str());
        QVERIFY2(match.captured(1).toDouble() <= 1.5, answer.out.c_str());
    }

    void itsCommandIsOneTheProgramKnows()
    {
        QCOMPARE(value("Type"), std::string("notify"));
        std::istringstream words(value("ExecStart"));
        std::string program, command;
        words >> program >> command;
        QCOMPARE(program, std::string("/usr/bin/keymuxd"));
        const std::string help = ran({daemonProgram(), command, "--help"}).out;
        QVERIFY(!help.empty());
        for (std::string word; words >> word;) {
            if (word.starts_with("--"))
                QVERIFY2(help.find(word) != std::string::npos, word.c_str());
        }
    }

    void theConfigItStartsWithIsValid()
    {
        const Ran checked =
            ran({daemonProgram(), "check", std::string(KEYMUX_SOURCE_DIR) + "/installer/linux/key-pool-config.json"});
        QVERIFY2(checked.exitCode == 0, (checked.out + checked.err).c_str());
    }

    void itIsGivenTheTimeToDrain()
    {
        // The defaults of server.drain_delay_ms and server.drain_timeout_ms: 0 and 30 s.
        QVERIFY(std::stoi(value("TimeoutStopSec")) > 30);
    }

    void userAndFoldersAreDeclaredAsSystemdReadsThem()
    {
        const TemporaryFolder root;
        std::filesystem::create_directories(root.path() / "etc");
        const std::string folder = std::string(KEYMUX_SOURCE_DIR) + "/installer/linux/";
        const Ran users =
            ran({"/usr/bin/systemd-sysusers", "--root=" + root.path().string(), folder + "keymux.sysusers"});
        QVERIFY2(users.exitCode == 0, users.err.c_str());
        std::ifstream passwd(root.path() / "etc/passwd");
        const std::string all{std::istreambuf_iterator<char>(passwd), {}};
        QVERIFY2(all.starts_with("keymux:"), all.c_str());
        QVERIFY2(all.find(":/var/lib/keymux:") != std::string::npos, all.c_str());
        if (geteuid() != 0)
            return; // only root may hand folders to another user
        const Ran folders = ran(
            {"/usr/bin/systemd-tmpfiles", "--create", "--root=" + root.path().string(), folder + "keymux.tmpfiles"});
        QVERIFY2(folders.exitCode == 0, folders.err.c_str());
        QVERIFY(std::filesystem::is_directory(root.path() / "var/lib/keymux"));
        const auto config = std::filesystem::status(root.path() / "etc/keymux").permissions();
        QCOMPARE(int(config), 01770);
    }
};

QTEST_GUILESS_MAIN(SystemdUnitTest)
#include "test_systemdunit.moc"
