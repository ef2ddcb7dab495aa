// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "upstream.h"

#include <string>
#include <vector>

namespace keymux::bench {

/// Where a client sends its requests.
struct Target {
    std::uint16_t port = 0;
    std::string path = "/v1/chat/completions";
    std::string credential = {}; ///< the virtual key, or empty
};

/// What a run of requests gave. Times in nanoseconds, sorted.
struct Load {
    double seconds = 0;
    std::vector<std::int64_t> times;
    std::string problem; ///< the first thing that was wrong, or empty

    double perSecond() const { return seconds > 0 ? double(times.size()) / seconds : 0; }
};

/// `connections` clients, each sending its next request when the answer to the last is there. The first fifth of a
/// second is not counted.
Load sendRequests(const Target &target, int connections, double seconds);

/// What a number of streams gave: the time from the making of each event to its arrival, in nanoseconds, sorted.
struct Streams {
    std::vector<std::int64_t> delays;
    std::string problem;
};

/// Opens `count` streams at once, reads them to their end and compares every byte with what the upstream sent.
Streams readStreams(const Target &target, Upstream &upstream, int count, double seconds);

/// The value below which that share of sorted values lies; 0 of none.
double quantile(const std::vector<std::int64_t> &sorted, double share);
double median(std::vector<double> values);

} // namespace keymux::bench
