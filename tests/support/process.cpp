// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/daemon.h"
#include "support/sanitized.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace keymux::testing {

namespace {

struct Pipe {
    int ends[2] = {-1, -1};
    Pipe() { (void)!pipe2(ends, O_CLOEXEC); }
};

std::vector<char *> pointers(const std::vector<std::string> &texts)
{
    std::vector<char *> out;
    for (const std::string &text : texts)
        out.push_back(const_cast<char *>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

} // namespace

Process::Process(const std::vector<std::string> &command, const std::vector<std::string> &environment,
                 const std::string &input)
{
    Pipe in, out, err;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.ends[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
    if (posix_spawn(&m_pid, command.front().c_str(), &actions, nullptr, pointers(command).data(),
                    pointers(environment).data()) != 0)
        m_pid = -1;
    posix_spawn_file_actions_destroy(&actions);
    for (const int fd : {in.ends[0], out.ends[1], err.ends[1]})
        ::close(fd);
    (void)!::write(in.ends[1], input.data(), input.size());
    ::close(in.ends[1]);
    m_outReader = std::thread([this, fd = out.ends[0]] { read(fd, m_out); });
    m_errReader = std::thread([this, fd = err.ends[0]] { read(fd, m_err); });
}

Process::~Process()
{
    if (sanitized && running()) {
        // A sanitizer reports leaks when the program ends by itself; a second signal says not to wait for anything.
        ::kill(m_pid, SIGTERM);
        ::kill(m_pid, SIGINT);
        wait(Ms(20000));
    }
    if (running()) {
        ::kill(m_pid, SIGKILL);
        wait();
    }
    m_outReader.join();
    m_errReader.join();
    if (sanitized && m_err.find("Sanitizer") != std::string::npos) {
        std::fputs(m_err.c_str(), stderr);
        std::abort();
    }
}

void Process::read(int fd, std::string &into)
{
    char bytes[8192];
    for (ssize_t n = ::read(fd, bytes, sizeof bytes); n > 0; n = ::read(fd, bytes, sizeof bytes)) {
        const std::lock_guard lock(m_mutex);
        into.append(bytes, std::size_t(n));
        m_changed.notify_all();
    }
    ::close(fd);
    const std::lock_guard lock(m_mutex);
    --m_openPipes;
    m_changed.notify_all();
}

std::string Process::out() const
{
    const std::lock_guard lock(m_mutex);
    return m_out;
}

std::string Process::err() const
{
    const std::lock_guard lock(m_mutex);
    return m_err;
}

bool Process::waitForText(const std::string &text, Ms timeout) const
{
    std::unique_lock lock(m_mutex);
    const auto there = [&] { return m_out.find(text) != std::string::npos || m_err.find(text) != std::string::npos; };
    m_changed.wait_for(lock, timeout, [&] { return there() || m_openPipes == 0; });
    return there();
}

void Process::waitForEnd() const
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_openPipes == 0; });
}

void Process::signal(int number) const
{
    if (m_pid > 0 && !m_exit)
        ::kill(m_pid, number);
}

std::optional<int> Process::wait(Ms timeout)
{
    if (m_exit || m_pid <= 0)
        return m_exit;
    // A descriptor of the process becomes readable when it ends: waiting with a deadline and without polling.
    const int handle = int(syscall(SYS_pidfd_open, m_pid, 0));
    pollfd ended{handle, POLLIN, 0};
    const int n = poll(&ended, 1, int(timeout.count()));
    ::close(handle);
    int status = 0;
    if (n <= 0 || waitpid(m_pid, &status, 0) != m_pid)
        return std::nullopt;
    m_exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return m_exit;
}

bool Process::running()
{
    return m_pid > 0 && !m_exit && !wait(Ms(0));
}

TemporaryFolder::TemporaryFolder()
{
    std::string name = (std::filesystem::temp_directory_path() / "keymux-test-XXXXXX").string();
    m_path = mkdtemp(name.data()) != nullptr ? name : std::string();
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

} // namespace keymux::testing
