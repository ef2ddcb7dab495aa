// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"
#include "core/result.h"
#include "core/routetrace.h"
#include "core/virtualkeyroom.h"
#include "log/logring.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// What one viewer wants of the live feed.
struct LiveSubscription {
    static constexpr int step = 250, least = 250, most = 60000; ///< milliseconds

    int intervalMs = 1000; ///< a multiple of `step`
    bool events = true;
    std::optional<LogLevel> logs; ///< absent: none
    bool operator==(const LiveSubscription &) const = default;
};

/// What a viewer said.
struct LiveRequest {
    bool resync = false;           ///< a fresh snapshot is wanted; else
    LiveSubscription subscription; ///< what it wants from now on
};

struct LiveProblem {
    std::string code, message;
};

/// Reads a viewer's message. Fields that `subscribe` does not name stay as they are in `present`.
tl::expected<LiveRequest, LiveProblem> readLiveRequest(std::string_view text, const LiveSubscription &present);

// A message is a head, which each viewer has its own of, and a tail that all who get the message share.

/// `{"type":"delta","seq":7,"t":1764028800123`
std::string liveHead(std::string_view type, std::uint64_t seq, TimePoint now);
/// `,"key":value}` for an object's members.
std::string liveTail(const nlohmann::ordered_json &object);
std::string liveTail(const std::string &objectText);

nlohmann::ordered_json helloJson(const LiveSubscription &subscription);
nlohmann::ordered_json subscriptionJson(const LiveSubscription &subscription);
nlohmann::ordered_json logJson(const std::vector<LogEntry> &newestFirst);

/// Events, in the order in which they are told. None for what is no event to a viewer.
std::vector<nlohmann::ordered_json> liveEvents(const PoolEvent &event);
std::vector<nlohmann::ordered_json> liveEvents(const VirtualKeyRoom::Limited &limited);
std::vector<nlohmann::ordered_json> liveEvents(const RequestTrace &trace);
nlohmann::ordered_json configAppliedJson(std::uint64_t revision, int keys, int deployments, TimePoint at);

} // namespace keymux
