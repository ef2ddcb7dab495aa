// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/moments.h"

#include "core/feedback.h"
#include "core/utczone.h"
#include "store/virtualkeyjson.h"

#include <QDate>
#include <QDateTime>
#include <algorithm>

namespace keymux {

std::optional<TimePoint> momentOf(const std::string &text, TimePoint now)
{
    if (const auto ago = parseDuration(text))
        return now - *ago;
    const QDate day = QDate::fromString(QString::fromStdString(text), QStringLiteral("yyyy-MM-dd"));
    if (day.isValid())
        return TimePoint(Millis(day.startOfDay(utcZone).toMSecsSinceEpoch()));
    return parseExpiry(text, now);
}

std::vector<std::string> partsOf(std::string_view text)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        parts.emplace_back(part);
    }
    return parts;
}

} // namespace keymux
