// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <QLoggingCategory>
#include <string_view>

namespace keymux {

// Categories are words people grep for: `rate` tells every rate limit, cooldown and recovery, `fallback` every
// fallback.
Q_DECLARE_LOGGING_CATEGORY(lcServer)
Q_DECLARE_LOGGING_CATEGORY(lcConfig)
Q_DECLARE_LOGGING_CATEGORY(lcRate)
Q_DECLARE_LOGGING_CATEGORY(lcFallback)
Q_DECLARE_LOGGING_CATEGORY(lcRequest)
Q_DECLARE_LOGGING_CATEGORY(lcHttp)
Q_DECLARE_LOGGING_CATEGORY(lcUpstream)

enum class LogFormat { Text, Json };

/// Sends every Qt log message to stderr, one line each, in one write. Level is `debug`, `info`, `warning` or `error`.
/// Call once at start.
void startLogging(LogFormat format, std::string_view level);

class LogRing;
/// From here on lines go into this ring, too; null: into none. It must outlive every thread that logs.
void keepLogLines(LogRing *ring);

/// `2026-11-23T20:00:00.123Z`.
std::string rfc3339(TimePoint t);

} // namespace keymux
