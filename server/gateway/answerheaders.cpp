// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/answerheaders.h"

#include <algorithm>

namespace keymux {

namespace {

void addFigure(HeaderList &headers, const std::string &unit, const std::optional<LimitFigure> &figure)
{
    if (!figure)
        return;
    headers.emplace_back("x-ratelimit-limit-" + unit, std::to_string(figure->limit));
    headers.emplace_back("x-ratelimit-remaining-" + unit, std::to_string(figure->remaining));
    headers.emplace_back("x-ratelimit-reset-" + unit, goDuration(figure->reset));
}

} // namespace

std::string goDuration(Millis duration)
{
    const std::int64_t all = std::max<std::int64_t>(0, duration.count());
    if (all == 0)
        return "0s";
    if (all < 1000)
        return std::to_string(all) + "ms";
    const std::int64_t hours = all / 3600000, minutes = all / 60000 % 60, seconds = all / 1000 % 60;
    std::string text;
    if (hours > 0)
        text += std::to_string(hours) + 'h';
    if (all >= 60000)
        text += std::to_string(minutes) + 'm';
    text += std::to_string(seconds);
    if (std::string fraction = std::to_string(1000 + all % 1000).substr(1); fraction != "000") {
        fraction.erase(fraction.find_last_not_of('0') + 1);
        text += '.' + fraction;
    }
    return text + 's';
}

void addLimitHeaders(HeaderList &headers, const KeyFigures &figures)
{
    addFigure(headers, "requests", figures.requests);
    addFigure(headers, "tokens", figures.tokens);
}

HeaderList answerHeaders(HeaderList common, const std::string &contentType, bool stream, const Attempt *attempt,
                         int attempts, const VirtualKey &virtualKey)
{
    HeaderList headers = std::move(common);
    headers.emplace_back("content-type", contentType.empty() ? "application/json" : contentType);
    if (stream) {
        headers.emplace_back("cache-control", "no-cache");
        headers.emplace_back("x-accel-buffering", "no"); // proxies in front must not hold events back
    }
    if (!attempt)
        return headers;
    headers.emplace_back("x-keymux-model", attempt->deployment().model);
    headers.emplace_back("x-keymux-attempts", std::to_string(attempts));
    if (virtualKey.exposeRoute)
        headers.emplace_back("x-keymux-key", attempt->keyId());
    std::string dropped;
    for (const std::string &field : attempt->droppedFields())
        dropped.append(dropped.empty() ? "" : ", ").append(field);
    if (!dropped.empty())
        headers.emplace_back("x-keymux-dropped", dropped);
    return headers;
}

} // namespace keymux
