// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/daemon.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace keymux::testing {

namespace {

std::string readFile(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void writeFile(const std::filesystem::path &path, const std::string &text)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

std::string trimmed(std::string text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
        text.pop_back();
    return text;
}

/// What follows `label` on its line.
std::string after(const std::string &text, const std::string &label)
{
    const auto at = text.find(label);
    if (at == std::string::npos)
        return {};
    const auto start = at + label.size();
    return trimmed(text.substr(start, text.find('\n', start) - start));
}

/// Only what a program needs, so that no key of the person who runs the tests gets into one.
std::vector<std::string> environmentOf(const std::filesystem::path &home,
                                       const std::vector<std::pair<std::string, std::string>> &own)
{
    std::vector<std::string> all{"HOME=" + home.string(), "LANG=C.UTF-8"};
    for (const char *name :
         {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
        if (const char *value = std::getenv(name))
            all.push_back(std::string(name) + "=" + value);
    for (const auto &[name, value] : own)
        all.push_back(name + "=" + value);
    return all;
}

} // namespace

Daemon::Daemon(DaemonOptions options) : m_options(std::move(options))
{
    if (m_options.folder.empty()) {
        m_own = std::make_unique<TemporaryFolder>();
        m_path = m_own->path();
    } else {
        m_path = m_options.folder;
    }
    std::filesystem::create_directories(stateFolder());
    std::vector<std::string> command{daemonProgram(),  "serve",
                                     "--state",        stateFolder().string(),
                                     "--listen",       "127.0.0.1:0",
                                     "--admin-listen", "127.0.0.1:0",
                                     "--workers",      std::to_string(m_options.workers),
                                     "--log-level",    m_options.logLevel};
    if (!m_options.config.empty())
        writeFile(configFile(), m_options.config);
    if (std::filesystem::exists(configFile()))
        command.insert(command.end(), {"--config", configFile().string()});
    command.insert(command.end(), m_options.flags.begin(), m_options.flags.end());
    m_process = std::make_unique<Process>(command, environmentOf(m_path, m_options.environment));
    if (!m_options.waitReady || !m_process->waitForText("keymuxd ready: ", Ms(60000)))
        return;
    m_process->waitForText(" admin http://", Ms(1000));
    std::istringstream line(after(m_process->out(), "keymuxd ready: "));
    std::string word;
    line >> m_url >> word >> m_adminUrl;
    m_virtualKey = after(m_process->out(), "Virtual Key: ");
    if (m_virtualKey.empty())
        m_virtualKey = trimmed(readFile(stateFolder() / "virtual-key"));
    m_ready = !m_url.empty() && !m_adminUrl.empty();
}

std::string Daemon::adminToken() const
{
    return trimmed(readFile(stateFolder() / "admin-token"));
}

HttpClient Daemon::client() const
{
    return HttpClient(m_url, {{"Authorization", "Bearer " + m_virtualKey}, {"Content-Type", "application/json"}});
}

HttpClient Daemon::admin() const
{
    return HttpClient(m_adminUrl, {{"Authorization", "Bearer " + adminToken()}, {"Content-Type", "application/json"}});
}

void Daemon::replaceConfig(const std::string &text) const
{
    const std::filesystem::path fresh = m_path / "key-pool-config.json.new";
    writeFile(fresh, text);
    std::filesystem::rename(fresh, configFile());
}

void Daemon::overwriteConfig(const std::string &text) const
{
    writeFile(configFile(), text);
}

std::int64_t Daemon::statusField(const std::string &name) const
{
    const std::string status = readFile("/proc/" + std::to_string(m_process->pid()) + "/status");
    const std::string value = after(status, "\n" + name + ":");
    return value.empty() ? -1 : std::stoll(value);
}

std::int64_t Daemon::residentBytes() const
{
    return statusField("VmRSS") * 1024;
}

std::int64_t Daemon::peakResidentBytes() const
{
    return statusField("VmHWM") * 1024;
}

int Daemon::threads() const
{
    return int(statusField("Threads"));
}

Daemon::Ran Daemon::run(const std::vector<std::string> &arguments, const std::string &input) const
{
    std::vector<std::string> command{daemonProgram()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Ran ran;
    Process process(command, environmentOf(m_path, m_options.environment), input);
    ran.exitCode = process.wait(Ms(30000)).value_or(-1);
    if (ran.exitCode >= 0)
        process.waitForEnd();
    ran.out = process.out();
    ran.err = process.err();
    return ran;
}

std::string daemonProgram()
{
    return KEYMUX_DAEMON;
}

} // namespace keymux::testing
