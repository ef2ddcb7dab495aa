// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "core/history.h"

#include <functional>

namespace keymux {

/// Where `/admin/v1/history` reads from; all outlive the router.
struct HistorySources {
    const History &history;
    std::function<void()> collect; ///< brings in what has just ended
};

AdminReply historyReport(const AdminRequest &request, const HistorySources &sources);
void registerHistoryRoutes(AdminRouter &router, const HistorySources &sources);

} // namespace keymux
