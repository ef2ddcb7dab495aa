// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/statelock.h"
#include "support/daemon.h"
#include "support/show.h"

#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

using namespace keymux;
using namespace keymux::testing;

class StateLockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneStateIsTakenOnceAndTheHolderIsNamed()
    {
        const TemporaryFolder folder;
        const auto lock = StateLock::take(folder.path().string());
        QVERIFY(lock.has_value());
        const auto second = StateLock::take(folder.path().string());
        QVERIFY(!second);
        QCOMPARE(second.error().code, std::string("state_locked"));
        QVERIFY2(second.error().message.find("process " + std::to_string(getpid())) != std::string::npos,
                 second.error().message.c_str());
        QVERIFY(second.error().message.find(folder.path().string()) != std::string::npos);
    }

    void itIsFreeOnceTheHolderLetsGo()
    {
        const TemporaryFolder folder;
        for (int i = 0; i < 3; ++i)
            QVERIFY(StateLock::take(folder.path().string()).has_value());
    }

    void movingItKeepsIt()
    {
        const TemporaryFolder folder;
        auto lock = StateLock::take(folder.path().string());
        std::optional<StateLock> kept(std::move(*lock));
        QVERIFY(!StateLock::take(folder.path().string()));
        kept.reset();
        QVERIFY(StateLock::take(folder.path().string()));
    }

    void aHolderThatWasKilledHoldsNothing()
    {
        const TemporaryFolder folder;
        int ready[2];
        QCOMPARE(pipe(ready), 0);
        const pid_t child = fork();
        if (child == 0) {
            const auto lock = StateLock::take(folder.path().string());
            [[maybe_unused]] const auto told = write(ready[1], lock ? "y" : "n", 1);
            pause();
            _exit(0);
        }
        char answer = 0;
        QCOMPARE(read(ready[0], &answer, 1), ssize_t(1));
        QCOMPARE(answer, 'y');
        const auto refused = StateLock::take(folder.path().string());
        QVERIFY(!refused && refused.error().message.find(std::to_string(child)) != std::string::npos);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        QVERIFY(StateLock::take(folder.path().string()));
        close(ready[0]);
        close(ready[1]);
    }

    void aFolderThatCannotBeWrittenIsSaid()
    {
        const auto lock = StateLock::take("/proc");
        QVERIFY(!lock);
        QCOMPARE(lock.error().code, std::string("state_unwritable"));
    }

    void theStateDirectoryIsFoundAsDocumented()
    {
        const TemporaryFolder folder;
        const std::string base = folder.path().string();
        setenv("STATE_DIRECTORY", (base + "/systemd:/second").c_str(), 1);
        setenv("XDG_STATE_HOME", (base + "/xdg").c_str(), 1);
        setenv("HOME", (base + "/home").c_str(), 1);
        QCOMPARE(openStateDir(base + "/flag").value(), base + "/flag");
        QCOMPARE(openStateDir({}).value(), base + "/systemd");
        unsetenv("STATE_DIRECTORY");
        QCOMPARE(openStateDir({}).value(), base + "/xdg/keymux");
        setenv("XDG_STATE_HOME", "relative", 1);
        QCOMPARE(openStateDir({}).value(), base + "/home/.local/state/keymux");
        for (const char *made : {"/flag", "/systemd", "/xdg/keymux", "/home/.local/state/keymux"})
            QCOMPARE(std::filesystem::status(base + made).permissions(), std::filesystem::perms::owner_all);
        QVERIFY(!openStateDir("/proc/nowhere"));
    }
};

QTEST_GUILESS_MAIN(StateLockTest)
#include "test_statelock.moc"
