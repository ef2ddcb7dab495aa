// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateways.h"
#include "parts.h"
#include "placement.h"

#include <array>
#include <cstdio>

namespace keymux::bench {

namespace {

enum Who : std::size_t { direct, nginx, few, many, baseline, whoCount };
constexpr std::array<const char *, whoCount> names{"direct", "nginx", "keymuxd with 100 keys",
                                                   "keymuxd with 1,000 keys", "the other keymuxd"};
constexpr int manyConnections = 64;

/// One figure of each, round after round.
struct Figures {
    std::array<std::vector<double>, whoCount> perSecond, cpu, p50, p99, placed;
};

struct Under {
    Target target;
    const Gateway *gateway = nullptr;
};

void measureOnce(const Under &under, Who who, const Settings &settings, Figures &figures, Report &report)
{
    const double before = under.gateway ? under.gateway->cpuMicroseconds() : 0;
    const Load load = sendRequests(under.target, manyConnections, settings.seconds);
    const double cpu = under.gateway ? under.gateway->cpuMicroseconds() - before : 0;
    const Load single = sendRequests(under.target, 1, settings.seconds / 2);
    const Placement placement(under.gateway ? under.gateway->pid() : 0);
    const Load placed = sendRequests(under.target, 1, settings.seconds / 2);
    for (const Load *one : {&load, &single, &placed}) {
        if (!one->problem.empty())
            report.addProblem(names[who], one->problem);
    }
    figures.perSecond[who].push_back(load.perSecond());
    // The warm-up counts in processor time but not in answers: 0.2 s more of the same.
    const double answers = load.perSecond() * (load.seconds + 0.2);
    figures.cpu[who].push_back(answers > 0 ? cpu / answers : 0);
    figures.p50[who].push_back(quantile(single.times, 0.5) / 1000);
    figures.p99[who].push_back(quantile(single.times, 0.99) / 1000);
    if (placement.placed())
        figures.placed[who].push_back(quantile(placed.times, 0.5) / 1000);
}

/// The median of one round's ratio: both sides of it were measured within the same seconds.
template <typename Ratio>
double medianOf(std::size_t rounds, Ratio ratio)
{
    std::vector<double> ratios;
    for (std::size_t i = 0; i < rounds; ++i)
        ratios.push_back(ratio(i));
    return median(ratios);
}

/// What a gateway adds to the time without one.
Row addedRow(const char *what, const std::array<std::vector<double>, whoCount> &p50, Who who)
{
    const std::size_t rounds = p50[who].size();
    const auto added = [&](Who one, std::size_t i) { return p50[one][i] - p50[direct][i]; };
    return {.what = what,
            .nginx = medianOf(rounds, [&](auto i) { return added(nginx, i); }),
            .keymuxd = medianOf(rounds, [&](auto i) { return added(who, i); }),
            .ratio = medianOf(rounds, [&](auto i) { return added(who, i) / added(nginx, i); })};
}

void addRows(const Figures &f, Who who, Report &report)
{
    const std::string with = who == few ? ", 100 keys" : ", 1,000 keys";
    const std::size_t rounds = f.p50[who].size();
    report.addAtLeast({.what = "answers/s at 64 connections" + with,
                       .direct = median(f.perSecond[direct]),
                       .nginx = median(f.perSecond[nginx]),
                       .keymuxd = median(f.perSecond[who]),
                       .ratio = medianOf(rounds, [&](auto i) { return f.perSecond[who][i] / f.perSecond[nginx][i]; })},
                      0.40);
    report.add({.what = "  processor time an answer, us",
                .nginx = median(f.cpu[nginx]),
                .keymuxd = median(f.cpu[who]),
                .ratio = medianOf(rounds, [&](auto i) { return f.cpu[who][i] / f.cpu[nginx][i]; })});
    report.add({.what = "p50 at 1 connection, us" + with,
                .direct = median(f.p50[direct]),
                .nginx = median(f.p50[nginx]),
                .keymuxd = median(f.p50[who])});
    report.addAtMost(addedRow("  p50 added to direct, us, left to the scheduler", f.p50, who), 2.0);
    if (f.placed[who].size() == rounds)
        report.add(addedRow("  p50 added to direct, us, on a core of its own", f.placed, who));
    report.add({.what = "  p99 at 1 connection, us",
                .direct = median(f.p99[direct]),
                .nginx = median(f.p99[nginx]),
                .keymuxd = median(f.p99[who])});
}

/// The program measured against another build of it, both with 100 keys.
void addBaselineRows(const Figures &f, Report &report)
{
    const auto row = [&](const char *what, const std::array<std::vector<double>, whoCount> &figures) {
        report.add(
            {.what = what, .keymuxd = median(figures[baseline]), .ratio = medianOf(figures[few].size(), [&](auto i) {
                                                                     return figures[few][i] / figures[baseline][i];
                                                                 })});
    };
    row("the other keymuxd: answers/s; ratio: this to the other", f.perSecond);
    row("  processor time an answer, us", f.cpu);
    row("  p50 at 1 connection, us", f.p50);
}

} // namespace

void measureAnswers(const Settings &settings, Report &report)
{
    Upstream upstream;
    const Nginx proxy(settings.nginx, upstream.port());
    const Keymuxd hundred(settings.keymuxd, upstream.port(), 100), thousand(settings.keymuxd, upstream.port(), 1000);
    std::optional<Keymuxd> other;
    if (!settings.baseline.empty())
        other.emplace(settings.baseline, upstream.port(), 100);
    if (!proxy.ready() || !hundred.ready() || !thousand.ready() || (other && !other->ready())) {
        report.addProblem("start", proxy.log() + hundred.log() + thousand.log());
        return;
    }
    std::vector<Under> all{{{.port = upstream.port()}},
                           {proxy.plain(), &proxy},
                           {hundred.plain(), &hundred},
                           {thousand.plain(), &thousand}};
    if (other)
        all.push_back({other->plain(), &*other});
    Figures figures;
    for (int round = 0; round < settings.rounds && !report.broken(); ++round) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto who = Who((i + std::size_t(round)) % all.size());
            measureOnce(all[who], who, settings, figures, report);
        }
        std::fprintf(stderr, "answers: round %d of %d\n", round + 1, settings.rounds);
    }
    if (report.broken())
        return;
    addRows(figures, few, report);
    addRows(figures, many, report);
    if (other)
        addBaselineRows(figures, report);
    report.add({.what = "memory after that, MiB, 1,000 keys",
                .nginx = proxy.memoryMiB("VmRSS"),
                .keymuxd = thousand.memoryMiB("VmRSS")});
}

} // namespace keymux::bench
