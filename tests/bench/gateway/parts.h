// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "report.h"

#include <string>

namespace keymux::bench {

struct Settings {
    std::string keymuxd, nginx;
    std::string baseline = {}; ///< another keymuxd to compare with, or empty
    double seconds = 2;        ///< how long each measurement of a round lasts
    int rounds = 7;
};

/// Plain answers: throughput at 64 connections, added latency at one.
void measureAnswers(const Settings &settings, Report &report);
/// Streams: how late events arrive, at 100 and at 500 streams.
void measureStreams(const Settings &settings, Report &report);
/// Memory when nothing happens, and the time to start.
void measureFootprint(const Settings &settings, Report &report);

} // namespace keymux::bench
