// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// What a line of the watched pool is about, for its colour.
enum class Tone : std::uint8_t { Plain, Heading, Good, Waiting, Bad, Off };

struct StatusLine {
    std::string text;
    Tone tone = Tone::Plain;

    bool operator==(const StatusLine &) const = default;
};

struct StatusFrame {
    std::string url;
    nlohmann::json state; ///< `GET /admin/v1/state`; null: none was got yet
    std::string trouble;  ///< why the newest could not be got; empty: it was
    TimePoint now{};
};

/// The pool as lines of at most `columns` characters, at most `rows` of them (0: no bound). Deployments in trouble
/// come first, then those that served most; those that do not fit are counted.
std::vector<StatusLine> statusLines(const StatusFrame &frame, int columns, int rows);

} // namespace keymux
