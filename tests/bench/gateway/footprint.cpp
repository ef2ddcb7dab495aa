// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateways.h"
#include "parts.h"

#include <cstdio>

namespace keymux::bench {

void measureFootprint(const Settings &settings, Report &report)
{
    const Upstream upstream;
    for (const int keys : {100, 1000}) {
        std::vector<double> start, memory;
        for (int i = 0; i < settings.rounds; ++i) {
            const Keymuxd keymuxd(settings.keymuxd, upstream.port(), keys);
            if (!keymuxd.ready()) {
                report.addProblem("start", keymuxd.log());
                return;
            }
            start.push_back(keymuxd.startMs());
            if (i == 0) {
                // Long enough for what a server does once after its start, and for a few beats of its clock.
                std::this_thread::sleep_for(std::chrono::seconds(2));
                memory.push_back(keymuxd.memoryMiB("VmRSS"));
                memory.push_back(keymuxd.memoryMiB("RssAnon"));
            }
        }
        const std::string with = keys == 100 ? ", 100 keys" : ", 1,000 keys";
        report.addAtMost({.what = "start to ready line on a fresh state, ms" + with, .keymuxd = median(start)}, 300);
        report.addAtMost({.what = "memory at rest (VmRSS), MiB" + with, .keymuxd = memory[0]}, 40);
        report.add({.what = "  of it not of files (RssAnon), MiB", .keymuxd = memory[1]});
        std::fprintf(stderr, "start%s: done\n", with.c_str());
    }
}

} // namespace keymux::bench
