// SPDX-License-Identifier: GPL-3.0-or-later
#include "parts.h"
#include "poller.h"

#include <CLI/CLI.hpp>

using namespace keymux::bench;

int main(int argc, char **argv)
{
    Settings settings{.keymuxd = KEYMUX_DAEMON, .nginx = "/usr/sbin/nginx"};
    std::string only;
    bool json = false;
    CLI::App app("Measures keymuxd beside nginx and beside no gateway at all, in one run. Only the ratios count.",
                 "keymux_bench_gateway");
    app.add_option("--only", only, "one part: A (answers), B (streams), C (memory and start)")
        ->check(CLI::IsMember({"A", "B", "C"}));
    app.add_option("--seconds", settings.seconds, "length of each measurement of a round")
        ->check(CLI::Range(0.1, 600.0))
        ->capture_default_str();
    app.add_option("--rounds", settings.rounds, "rounds of A, starts of C")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    app.add_option("--keymuxd", settings.keymuxd, "the program")->capture_default_str();
    app.add_option("--nginx", settings.nginx, "the program")->capture_default_str();
    app.add_option("--baseline", settings.baseline, "another keymuxd, measured beside the first in A");
    app.add_flag("--json", json, "print JSON instead of a table");
    CLI11_PARSE(app, argc, argv);

    raiseDescriptorLimit();
    Report report;
    if (only.empty() || only == "A")
        measureAnswers(settings, report);
    if (only.empty() || only == "B")
        measureStreams(settings, report);
    if (only.empty() || only == "C")
        measureFootprint(settings, report);
    if (json)
        report.printJson();
    else
        report.printTable();
    return report.broken() ? 1 : 0;
}
