// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateways.h"
#include "parts.h"

#include <array>
#include <cstdio>

namespace keymux::bench {

namespace {

constexpr int streamRounds = 3;

/// One figure of each of direct, nginx and keymuxd, round after round, in milliseconds.
struct Delays {
    std::array<std::vector<double>, 3> p50, p99, busy;
};

double ratioOf(const std::vector<double> &ours, const std::vector<double> &theirs)
{
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i)
        ratios.push_back(theirs[i] > 0 ? ours[i] / theirs[i] : 0);
    return median(ratios);
}

Row rowOf(const std::string &what, const std::array<std::vector<double>, 3> &figures)
{
    return {.what = what,
            .direct = median(figures[0]),
            .nginx = median(figures[1]),
            .keymuxd = median(figures[2]),
            .ratio = ratioOf(figures[2], figures[1])};
}

} // namespace

void measureStreams(const Settings &settings, Report &report)
{
    Upstream upstream;
    const Nginx proxy(settings.nginx, upstream.port());
    const Keymuxd keymuxd(settings.keymuxd, upstream.port(), 100);
    if (!proxy.ready() || !keymuxd.ready()) {
        report.addProblem("start", proxy.log() + keymuxd.log());
        return;
    }
    const std::array<Target, 3> targets{Target{.port = upstream.port()}, proxy.streaming(), keymuxd.streaming()};
    const std::array<const Gateway *, 3> gateways{nullptr, &proxy, &keymuxd};
    const std::array<const char *, 3> names{"direct", "nginx", "keymuxd"};
    const double seconds = settings.seconds * 5 / streamRounds;
    for (const int count : {100, 500}) {
        Delays delays;
        for (int round = 0; round < streamRounds && !report.broken(); ++round) {
            for (std::size_t i = 0; i < targets.size(); ++i) {
                const std::size_t who = (i + std::size_t(round)) % targets.size();
                const double before = gateways[who] ? gateways[who]->cpuMicroseconds() : 0;
                const Streams streams = readStreams(targets[who], upstream, count, seconds);
                const double cpu = gateways[who] ? gateways[who]->cpuMicroseconds() - before : 0;
                if (!streams.problem.empty())
                    report.addProblem(names[who] + (" at " + std::to_string(count)) + " streams", streams.problem);
                delays.p50[who].push_back(quantile(streams.delays, 0.5) / 1e6);
                delays.p99[who].push_back(quantile(streams.delays, 0.99) / 1e6);
                delays.busy[who].push_back(cpu / std::max(1.0, double(streams.delays.size())));
            }
            std::fprintf(stderr, "%d streams: round %d of %d\n", count, round + 1, streamRounds);
        }
        const std::string at = " at " + std::to_string(count) + " streams";
        report.add(rowOf("p50 of an event's delay, ms," + at, delays.p50));
        Row p99 = rowOf("  p99, ms", delays.p99);
        if (count == 100)
            report.addAtMost(std::move(p99), 1.5);
        else
            report.add(std::move(p99));
        Row busy = rowOf("  processor time an event, us", delays.busy);
        busy.direct.reset();
        report.add(std::move(busy));
    }
}

} // namespace keymux::bench
