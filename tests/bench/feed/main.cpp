// SPDX-License-Identifier: GPL-3.0-or-later
// What the live feed costs a running keymuxd: the same traffic without viewers and with them, one after the other.
#include "support/pooltext.h"
#include "support/show.h"
#include "support/websocketclient.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <ctime>

using namespace keymux::testing;

namespace {

struct Settings {
    int viewers = 50, deployments = 1000, changes = 100, seconds = 15, rounds = 2;
};

/// User and system time of a process.
double cpuSeconds(pid_t pid)
{
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0;
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

/// Requests at a steady pace; each goes to another deployment, so as many change in a tick as requests are made in it.
class Traffic {
public:
    Traffic(const Daemon &daemon, int perSecond)
    {
        static constexpr int lanes = 4;
        for (int i = 0; i < lanes; ++i) {
            m_threads.emplace_back([this, &daemon, perSecond, i] {
                HttpClient client = daemon.client();
                const auto step = std::chrono::microseconds(1000000LL * lanes / perSecond);
                for (Moment next = Clock::now() + step * i / lanes; !m_stop; next += step) {
                    std::this_thread::sleep_until(next);
                    ++(client.post("/v1/chat/completions", chatBody("gpt-4")).status == 200 ? m_good : m_bad);
                }
            });
        }
    }
    ~Traffic()
    {
        m_stop = true;
        for (std::thread &thread : m_threads)
            thread.join();
    }
    int good() const { return m_good; }
    int bad() const { return m_bad; }

private:
    std::atomic<bool> m_stop = false;
    std::atomic<int> m_good = 0, m_bad = 0;
    std::vector<std::thread> m_threads;
};

/// Viewers at four ticks a second, each on a thread that reads all it is sent.
class Viewers {
public:
    Viewers(const Daemon &daemon, int count)
    {
        const Headers headers = upgradeHeaders(daemon.adminToken());
        for (int i = 0; i < count; ++i) {
            m_threads.emplace_back([this, &daemon, headers] {
                WebSocketClient viewer(daemon.adminUrl(), "/admin/v1/live", headers);
                viewer.sendText(R"({"type":"subscribe","interval_ms":250})");
                int seq = 0;
                while (!m_stop) {
                    const std::string text = viewer.nextText(Ms(1000));
                    if (text.empty() && !viewer.closedByPeer())
                        continue;
                    const Json message = Json::parse(text, nullptr, false);
                    if (message.is_discarded() || message.at("seq") != ++seq) {
                        ++m_bad;
                        return;
                    }
                    m_bytes += std::int64_t(text.size());
                    if (message.at("type") == "delta") {
                        ++m_deltas;
                        m_changes += std::int64_t(message.at("deployments").size());
                    }
                }
            });
        }
    }
    ~Viewers()
    {
        m_stop = true;
        for (std::thread &thread : m_threads)
            thread.join();
    }
    std::int64_t bytes() const { return m_bytes; }
    std::int64_t deltas() const { return m_deltas; }
    std::int64_t changes() const { return m_changes; }
    int bad() const { return m_bad; }

private:
    std::atomic<bool> m_stop = false;
    std::atomic<std::int64_t> m_bytes = 0, m_deltas = 0, m_changes = 0;
    std::atomic<int> m_bad = 0;
    std::vector<std::thread> m_threads;
};

/// Processor time of the daemon over that long, in percent of one core.
double percentOver(Daemon &daemon, int seconds)
{
    const double before = cpuSeconds(daemon.process().pid());
    const Moment start = Clock::now();
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    return (cpuSeconds(daemon.process().pid()) - before) / wall * 100;
}

/// False when something was broken.
bool measure(const Settings &settings)
{
    ScriptedUpstream upstream;
    DaemonOptions options =
        PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(settings.deployments, "\"rpm_limit\": 1000")}
            .options();
    options.logLevel = "info";
    Daemon daemon(options);
    if (!daemon.ready()) {
        std::fprintf(stderr, "keymuxd does not start: %s\n", daemon.log().c_str());
        return false;
    }
    const Traffic traffic(daemon, settings.changes * 4);
    std::printf("%-34s %12s %12s %12s\n", "processor time, % of one core", "no viewers", "viewers", "the feed");
    bool good = true;
    for (int round = 0; round < settings.rounds; ++round) {
        percentOver(daemon, 3);
        const double without = percentOver(daemon, settings.seconds);
        const std::int64_t memoryWithout = daemon.residentBytes();
        const Viewers viewers(daemon, settings.viewers);
        percentOver(daemon, 3);
        const std::int64_t deltas = viewers.deltas(), changes = viewers.changes(), bytes = viewers.bytes();
        const double with = percentOver(daemon, settings.seconds);
        const double seen = double(viewers.deltas() - deltas);
        std::printf("round %-28d %12.1f %12.1f %12.1f\n", round + 1, without, with, with - without);
        std::printf("  deltas a second and viewer %.2f, deployments in each %.0f, %.1f MB/s in all\n",
                    seen / settings.viewers / settings.seconds,
                    double(viewers.changes() - changes) / std::max(seen, 1.0),
                    double(viewers.bytes() - bytes) / 1e6 / settings.seconds);
        std::printf("  memory %.1f MiB without, %.1f MiB with: %.3f MiB a viewer\n", double(memoryWithout) / 1048576,
                    double(daemon.residentBytes()) / 1048576,
                    double(daemon.residentBytes() - memoryWithout) / 1048576 / settings.viewers);
        good = good && viewers.bad() == 0 && seen > 0;
    }
    std::printf("%d requests answered, %d not\n", traffic.good(), traffic.bad());
    return good && traffic.bad() == 0;
}

} // namespace

int main(int argc, char **argv)
{
    Settings settings;
    CLI::App app("Measures what the live feed costs keymuxd, by the same traffic without viewers and with them.",
                 "keymux_bench_feed");
    app.add_option("--viewers", settings.viewers)->capture_default_str();
    app.add_option("--deployments", settings.deployments)->capture_default_str();
    app.add_option("--changes", settings.changes, "deployments that change in each tick of 250 ms")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    app.add_option("--seconds", settings.seconds, "length of each measurement")->capture_default_str();
    app.add_option("--rounds", settings.rounds)->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    return measure(settings) ? 0 : 1;
}
