// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

using namespace keymux::testing;

namespace {

/// A program on a terminal of its own.
class OnTerminal {
public:
    explicit OnTerminal(const std::vector<std::string> &command)
    {
        winsize size{.ws_row = 24, .ws_col = 120, .ws_xpixel = 0, .ws_ypixel = 0};
        std::vector<char *> words;
        for (const std::string &word : command)
            words.push_back(const_cast<char *>(word.c_str()));
        words.push_back(nullptr);
        m_pid = forkpty(&m_fd, nullptr, nullptr, &size);
        if (m_pid == 0) {
            execv(words[0], words.data());
            _exit(127);
        }
    }
    ~OnTerminal()
    {
        if (m_pid > 0)
            kill(m_pid, SIGKILL);
        end();
        close(m_fd);
    }
    OnTerminal(const OnTerminal &) = delete;
    OnTerminal &operator=(const OnTerminal &) = delete;

    /// Reads until the text has come, behind what an earlier call found.
    bool waitFor(const std::string &text)
    {
        for (;;) {
            if (const std::size_t at = m_read.find(text, m_found); at != std::string::npos) {
                m_found = at + text.size();
                return true;
            }
            if (m_read.size() > 4 << 20)
                return false; // hundreds of pages without it
            pollfd source{m_fd, POLLIN, 0};
            if (poll(&source, 1, 15000) <= 0)
                return false;
            char bytes[4096];
            const ssize_t count = read(m_fd, bytes, sizeof bytes);
            if (count <= 0)
                return false; // its end
            m_read.append(bytes, std::size_t(count));
        }
    }
    void type(const std::string &keys) const { (void)!write(m_fd, keys.data(), keys.size()); }
    void resize(unsigned short columns, unsigned short rows) const
    {
        winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        ioctl(m_fd, TIOCSWINSZ, &size);
    }
    bool echoes() const
    {
        termios mode{};
        return tcgetattr(m_fd, &mode) == 0 && (mode.c_lflag & ECHO) != 0;
    }
    int end()
    {
        int status = 0;
        if (m_pid > 0 && waitpid(m_pid, &status, 0) == m_pid)
            m_exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        m_pid = -1;
        return m_exit;
    }
    const std::string &seen() const { return m_read; }

private:
    pid_t m_pid = -1;
    int m_fd = -1, m_exit = -1;
    std::string m_read;
    std::size_t m_found = 0;
};

} // namespace

/// `keymuxd status --watch` on a real terminal, against a real server.
class StatusWatchTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;
    std::unique_ptr<Daemon> m_daemon;

    std::vector<std::string> watch(const std::string &interval) const
    {
        return {daemonProgram(), "status", "--watch", "--state", m_daemon->stateFolder().string(),
                "--interval",    interval};
    }

private Q_SLOTS:
    void init()
    {
        m_daemon = std::make_unique<Daemon>(
            PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(40, "\"rpm_limit\": 15")}.options());
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
    }

    void framesFollowThePoolAndTheTerminalIsGivenBack()
    {
        OnTerminal terminal(watch("0.2"));
        QVERIFY(terminal.waitFor("\033[?1049h\033[?25l"));
        QVERIFY2(terminal.waitFor("40 deployments of 40 keys"), terminal.seen().c_str());
        QVERIFY(terminal.waitFor("0 requests"));
        QVERIFY(terminal.waitFor("… 21 more"));
        QVERIFY(!terminal.echoes());
        HttpClient client = m_daemon->client();
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        QVERIFY(terminal.waitFor("1 requests"));
        QVERIFY(terminal.waitFor("█░░░░ 1/15"));
        terminal.type("\003");
        QVERIFY(terminal.waitFor("\033[?25h\033[?1049l"));
        QCOMPARE(terminal.end(), 0);
        QVERIFY(terminal.echoes());
    }

    void itFollowsTheTerminalsSize()
    {
        OnTerminal terminal(watch("3600"));
        QVERIFY(terminal.waitFor("… 21 more"));
        terminal.resize(100, 12);
        QVERIFY(terminal.waitFor("… 33 more"));
        terminal.type("q");
        QVERIFY(terminal.waitFor("\033[?1049l"));
        QCOMPARE(terminal.end(), 0);
    }

    void aServerThatGoesIsSaidAndFoundAgain()
    {
        OnTerminal terminal(watch("0.2"));
        QVERIFY(terminal.waitFor("40 deployments"));
        const auto folder = m_daemon->folder();
        m_daemon->process().signal(SIGTERM);
        QVERIFY(m_daemon->process().wait());
        QVERIFY(terminal.waitFor("trying again, what follows is old"));
        DaemonOptions options = PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(3)}.options();
        options.folder = folder;
        const Daemon again(options);
        QVERIFY2(again.ready(), again.log().c_str());
        QVERIFY(terminal.waitFor("3 deployments of 3 keys"));
        terminal.type("q");
        QVERIFY(terminal.waitFor("\033[?1049l"));
        QCOMPARE(terminal.end(), 0);
    }

    void withoutATerminalBlocksArePrinted()
    {
        Process process(watch("0.1"), {"PATH=/usr/bin:/bin"});
        QVERIFY(process.waitForText("key-40/gemini-2.0-flash"));
        process.signal(SIGINT);
        QCOMPARE(process.wait().value_or(-1), 0);
        process.waitForEnd();
        QVERIFY(process.out().find('\033') == std::string::npos);
        QVERIFY(process.out().find("more\n") == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(StatusWatchTest)
#include "test_statuswatch.moc"
