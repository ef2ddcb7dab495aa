// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolmemory.h"
#include "core/virtualkeyroom.h"

#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// What a server that has handed over tells its successor: what requests did that it still had to finish.
struct LateReport {
    std::string writer;                      ///< which server; the same in all its reports
    std::vector<VirtualKeyRoom::Usage> uses; ///< since its report before
    PoolMemory learned;                      ///< requests of the day since its report before, and new rests
    // What is under way there, in place of what its report before said:
    std::vector<VirtualKeyRoom::Held> keysHeld;
    std::vector<HeldMemory> unitsHeld;
    // With the first one alone, where the other is to go on:
    std::vector<VirtualKeyRoom::Window> keyWindows;
    PoolHandover pool;

    bool empty() const;
};

/// As it is stored. Members a reader does not know are passed over, so that versions may differ.
std::string toJson(const LateReport &report);
/// What of it can be understood; a text that is no report gives an empty one.
LateReport lateReportFrom(std::string_view text);

} // namespace keymux
