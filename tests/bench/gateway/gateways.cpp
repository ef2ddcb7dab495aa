// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateways.h"

#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace keymux::bench {

namespace {

using testing::Ms;
using testing::Process;

std::string readFile(const std::string &path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string nginxConfig(const std::string &folder, std::uint16_t port, std::uint16_t upstream)
{
    std::ostringstream text;
    text << "daemon off;\nmaster_process off;\nworker_processes 1;\npid " << folder << "/pid;\nerror_log stderr warn;\n"
         << "worker_rlimit_nofile 65536;\nevents { worker_connections 16384; }\nhttp {\n  access_log off;\n";
    for (const char *kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        text << "  " << kind << "_temp_path " << folder << '/' << kind << ";\n";
    text << "  keepalive_requests 100000000;\n  keepalive_timeout 600s;\n  tcp_nodelay on;\n"
         << "  upstream provider {\n    server 127.0.0.1:" << upstream
         << ";\n    keepalive 1024;\n    keepalive_requests 100000000;\n  }\n"
         << "  proxy_http_version 1.1;\n  proxy_set_header Connection \"\";\n  proxy_read_timeout 600s;\n"
         << "  server {\n    listen 127.0.0.1:" << port << " backlog=4096;\n"
         << "    location / { proxy_pass http://provider; }\n"
         << "    location /stream/ { proxy_buffering off; proxy_pass http://provider; }\n  }\n}\n";
    return text.str();
}

std::string poolConfig(std::uint16_t upstream, int keys)
{
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (int i = 1; i <= keys; ++i) {
        list.push_back({{"api_key", "env:BENCH_KEY_" + std::to_string(i)},
                        {"key_id", "bench-key-" + std::to_string(i)},
                        {"priority_models", {{{"model", "bench-model"}}}}});
    }
    const nlohmann::ordered_json config = {{"providers",
                                            {{"bench",
                                              {{"api", "openai"},
                                               {"base_url", "http://127.0.0.1:" + std::to_string(upstream) + "/v1"},
                                               {"stream_usage", true}, // as for every provider with a known name
                                               {"keys", list}}}}}};
    return config.dump(2) + '\n';
}

std::string after(const std::string &text, const std::string &label)
{
    const auto at = text.find(label);
    if (at == std::string::npos)
        return {};
    const auto start = at + label.size();
    return text.substr(start, text.find_first_of(" \n", start) - start);
}

} // namespace

double Gateway::cpuMicroseconds() const
{
    const std::string stat = readFile("/proc/" + std::to_string(pid()) + "/stat");
    std::istringstream fields(stat.substr(std::min(stat.size(), stat.rfind(')') + 2)));
    std::string skipped;
    for (int i = 3; i < 14; ++i)
        fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) * 1e6 / double(sysconf(_SC_CLK_TCK));
}

double Gateway::memoryMiB(const std::string &field) const
{
    const std::string status = readFile("/proc/" + std::to_string(pid()) + "/status");
    const auto at = status.find("\n" + field + ":");
    return at == std::string::npos ? 0 : std::strtod(status.c_str() + at + field.size() + 2, nullptr) / 1024;
}

Nginx::Nginx(const std::string &program, std::uint16_t upstreamPort) : m_port(freePort())
{
    const std::string folder = m_folder.path().string(), file = folder + "/nginx.conf";
    std::ofstream(file) << nginxConfig(folder, m_port, upstreamPort);
    m_process = std::make_unique<Process>(std::vector<std::string>{program, "-p", folder, "-c", file, "-e", "stderr"},
                                          std::vector<std::string>{"PATH=/usr/bin:/bin"});
    for (int i = 0; i < 1000 && !m_ready && m_process->running(); ++i) {
        const int fd = connectTo(m_port);
        m_ready = fd >= 0;
        if (m_ready)
            ::close(fd);
        else
            std::this_thread::sleep_for(Ms(5));
    }
}

Nginx::~Nginx()
{
    m_process->signal(SIGTERM);
    m_process->wait(Ms(3000));
}

Keymuxd::Keymuxd(const std::string &program, std::uint16_t upstreamPort, int keys)
{
    const std::string folder = m_folder.path().string(), config = folder + "/key-pool-config.json";
    std::ofstream(config) << poolConfig(upstreamPort, keys);
    std::vector<std::string> environment{"HOME=" + folder, "LANG=C.UTF-8", "PATH=/usr/bin:/bin"};
    for (int i = 1; i <= keys; ++i)
        environment.push_back("BENCH_KEY_" + std::to_string(i) + "=bench-secret-" + std::to_string(i));
    const std::vector<std::string> command{program,          "serve",           "--config", config,
                                           "--state",        folder + "/state", "--listen", "127.0.0.1:0",
                                           "--admin-listen", "127.0.0.1:0"};
    const std::int64_t started = nowNs();
    m_process = std::make_unique<Process>(command, environment);
    if (!m_process->waitForText("keymuxd ready: ", Ms(30000)))
        return;
    m_startMs = double(nowNs() - started) / 1e6;
    m_process->waitForText(" admin http://", Ms(1000));
    m_virtualKey = after(m_process->out(), "Virtual Key: ");
    const std::string url = after(m_process->out(), "keymuxd ready: ");
    m_port = std::uint16_t(std::atoi(url.substr(url.rfind(':') + 1).c_str()));
}

} // namespace keymux::bench
