// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/httpclient.h"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <sys/types.h>
#include <thread>

namespace keymux::testing {

/// A folder of its own under the system's temporary one, removed with all that is in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    const std::filesystem::path &path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// A program that runs, with what it writes.
class Process {
public:
    /// Starts it; `environment` is the whole of it.
    Process(const std::vector<std::string> &command, const std::vector<std::string> &environment,
            const std::string &input = {});
    /// Kills it when it still runs.
    ~Process();
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    pid_t pid() const { return m_pid; }
    bool started() const { return m_pid > 0; }
    std::string out() const;
    std::string err() const;
    /// Waits until both streams are closed, so that out() and err() are whole.
    void waitForEnd() const;
    /// Waits until the text was written to either stream, or both are closed.
    bool waitForText(const std::string &text, Ms timeout = Ms(10000)) const;
    void signal(int number) const;
    /// The exit code, 128 + signal when it was killed by one; nothing when the time ran out.
    std::optional<int> wait(Ms timeout = Ms(15000));
    bool running();

private:
    void read(int fd, std::string &into);

    pid_t m_pid = -1;
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_changed;
    std::string m_out, m_err;
    int m_openPipes = 2;
    std::optional<int> m_exit;
    std::thread m_outReader, m_errReader;
};

struct DaemonOptions {
    std::string config = {}; ///< the text of the pool config
    std::vector<std::pair<std::string, std::string>> environment = {};
    std::vector<std::string> flags = {};
    int workers = 2;
    std::string logLevel = "debug";
    bool waitReady = true;
    /// Share folder and state with an earlier daemon; empty makes a new one.
    std::filesystem::path folder = {};
};

/// `keymuxd serve` on free ports, with a folder of its own.
class Daemon {
public:
    explicit Daemon(DaemonOptions options);

    bool ready() const { return m_ready; }
    const std::string &url() const { return m_url; }
    const std::string &adminUrl() const { return m_adminUrl; }
    const std::string &virtualKey() const { return m_virtualKey; }
    std::string adminToken() const;
    HttpClient client() const;
    HttpClient admin() const;

    const std::filesystem::path &folder() const { return m_path; }
    std::filesystem::path stateFolder() const { return m_path / "state"; }
    std::filesystem::path configFile() const { return m_path / "key-pool-config.json"; }
    /// Replaces the file by rename, as editors and deployments do.
    void replaceConfig(const std::string &text) const;
    /// Writes into the file that is there.
    void overwriteConfig(const std::string &text) const;

    Process &process() { return *m_process; }
    std::string log() const { return m_process->out() + m_process->err(); }
    bool waitForLog(const std::string &text, Ms timeout = Ms(10000)) const
    {
        return m_process->waitForText(text, timeout);
    }
    /// Resident memory in bytes, its peak, and the number of threads, as the kernel counts them.
    std::int64_t residentBytes() const;
    std::int64_t peakResidentBytes() const;
    int threads() const;

    /// Runs another keymuxd command on this state and waits for it.
    struct Ran {
        int exitCode = -1;
        std::string out, err;
    };
    Ran run(const std::vector<std::string> &arguments, const std::string &input = {}) const;

private:
    std::int64_t statusField(const std::string &name) const;

    DaemonOptions m_options;
    std::unique_ptr<TemporaryFolder> m_own;
    std::filesystem::path m_path;
    std::unique_ptr<Process> m_process;
    std::string m_url, m_adminUrl, m_virtualKey;
    bool m_ready = false;
};

/// The daemon's program file.
std::string daemonProgram();

} // namespace keymux::testing
