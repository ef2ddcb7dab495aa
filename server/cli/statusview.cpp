// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/statusview.h"

#include "core/utczone.h"

#include <QDateTime>
#include <algorithm>
#include <array>

namespace keymux {

namespace {

using Json = nlohmann::json;

std::string textAt(const Json &object, const char *name)
{
    const auto value = object.find(name);
    return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

std::int64_t numberAt(const Json &object, const char *name)
{
    const auto value = object.find(name);
    return value != object.end() && value->is_number() ? value->get<std::int64_t>() : 0;
}

const Json &objectAt(const Json &object, const char *name)
{
    static const Json none = Json::object();
    const auto value = object.find(name);
    return value != object.end() && value->is_object() ? *value : none;
}

/// The first `columns` characters; what is cut ends with `…`. Control characters become `?`.
std::string fitted(const std::string &text, std::size_t columns)
{
    std::string out;
    std::size_t count = 0, lastBegin = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0) != 0x80) {
            if (count == columns)
                return out.substr(0, lastBegin) + "…";
            lastBegin = out.size();
            ++count;
        }
        out += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return out;
}

std::size_t widthOf(const std::string &text)
{
    return std::size_t(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(const std::string &text, std::size_t width)
{
    const std::size_t own = widthOf(text);
    return own < width ? text + std::string(width - own, ' ') : fitted(text, width);
}

std::string shortNumber(std::int64_t value)
{
    if (value < 100'000)
        return std::to_string(value);
    return value < 10'000'000 ? std::to_string(value / 1000) + 'k' : std::to_string(value / 1'000'000) + 'M';
}

/// `███░░ 9/15`: how much of a limit is used.
std::string usedText(const Json &window)
{
    const std::int64_t used = numberAt(window, "used"), limit = numberAt(window, "limit");
    if (limit <= 0)
        return used == 0 ? "-" : shortNumber(used);
    constexpr std::int64_t cells = 5;
    const std::int64_t filled = std::clamp<std::int64_t>((used * cells + limit - 1) / limit, 0, cells);
    std::string bar;
    for (std::int64_t i = 0; i < cells; ++i)
        bar += i < filled ? "█" : "░";
    return bar + ' ' + shortNumber(used) + '/' + shortNumber(limit);
}

std::string durationText(std::int64_t seconds)
{
    if (seconds < 120)
        return std::to_string(seconds) + 's';
    if (seconds < 7200)
        return std::to_string(seconds / 60) + 'm' + std::to_string(seconds % 60) + 's';
    return std::to_string(seconds / 3600) + 'h' + std::to_string(seconds / 60 % 60) + 'm';
}

/// `cooling 23s rate_limit`
std::string statusText(const Json &deployment, TimePoint now)
{
    std::string text = textAt(deployment, "status");
    const Json &cooldown = objectAt(deployment, "cooldown");
    const QDateTime until = QDateTime::fromString(QString::fromStdString(textAt(cooldown, "until")), Qt::ISODateWithMs);
    if (until.isValid()) {
        const std::int64_t left = until.toMSecsSinceEpoch() - now.time_since_epoch().count();
        text += ' ' + durationText(std::max<std::int64_t>(0, (left + 999) / 1000));
    }
    if (const std::string reason = textAt(cooldown, "reason"); !reason.empty())
        text += ' ' + reason;
    return text;
}

/// What needs somebody's eye comes first.
int rankOf(const std::string &status)
{
    constexpr std::array<std::string_view, 7> order{"blocked", "unresolved", "cooling", "probing",
                                                    "limited", "ready",      "disabled"};
    return int(std::find(order.begin(), order.end(), status) - order.begin());
}

Tone toneOf(const std::string &status)
{
    switch (rankOf(status)) {
    case 0:
    case 1:
        return Tone::Bad;
    case 2:
    case 3:
    case 4:
        return Tone::Waiting;
    case 6:
        return Tone::Off;
    default:
        return Tone::Plain;
    }
}

std::vector<const Json *> sorted(const Json &deployments)
{
    std::vector<const Json *> list;
    for (const Json &deployment : deployments)
        list.push_back(&deployment);
    std::stable_sort(list.begin(), list.end(), [](const Json *a, const Json *b) {
        const int left = rankOf(textAt(*a, "status")), right = rankOf(textAt(*b, "status"));
        return left != right ? left < right : numberAt(*a, "requests") > numberAt(*b, "requests");
    });
    return list;
}

using Cells = std::array<std::string, 10>;

Cells cellsOf(const Json &d, TimePoint now)
{
    const Json &windows = objectAt(d, "windows");
    const Json &latency = objectAt(d, "latency_ms");
    const auto millis = [&](const char *name) {
        const auto value = latency.find(name);
        return value != latency.end() && value->is_number() ? shortNumber(value->get<std::int64_t>()) : "-";
    };
    return {textAt(d, "id"),
            statusText(d, now),
            usedText(objectAt(windows, "rpm")),
            usedText(objectAt(windows, "tpm")),
            usedText(objectAt(windows, "rpd")),
            std::to_string(numberAt(d, "in_flight")),
            shortNumber(numberAt(d, "requests")),
            shortNumber(numberAt(d, "errors")),
            millis("p50"),
            millis("p95")};
}

std::string totalsText(const Json &state)
{
    const Json &totals = objectAt(state, "totals");
    std::string text = std::to_string(numberAt(totals, "deployments")) + " deployments of " +
                       std::to_string(numberAt(totals, "keys")) + " keys";
    for (const auto &[status, count] : objectAt(totals, "by_status").items()) {
        if (count.is_number() && count.get<std::int64_t>() > 0)
            text += ", " + std::to_string(count.get<std::int64_t>()) + ' ' + status;
    }
    return text + "; " + std::to_string(numberAt(totals, "in_flight")) + " in flight, " +
           std::to_string(numberAt(totals, "requests")) + " requests, " + std::to_string(numberAt(totals, "errors")) +
           " errors";
}

void addHead(const StatusFrame &frame, std::vector<StatusLine> &lines)
{
    const QString time = QDateTime::fromMSecsSinceEpoch(frame.now.time_since_epoch().count(), utcZone)
                             .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
    const Json &config = objectAt(frame.state, "config");
    std::string head = "keymux " + frame.url + "  " + time.toStdString() + " UTC";
    if (frame.state.is_object())
        head += "  config revision " + std::to_string(numberAt(config, "revision"));
    lines.push_back({std::move(head), Tone::Heading});
    if (!frame.trouble.empty())
        lines.push_back(
            {(frame.state.is_object() ? "trying again, what follows is old: " : "trying again: ") + frame.trouble,
             Tone::Bad});
    if (frame.state.is_object())
        lines.push_back({totalsText(frame.state), Tone::Plain});
    if (const std::string error = textAt(config, "error"); !error.empty())
        lines.push_back({"the newest config was not taken: " + error, Tone::Bad});
}

} // namespace

std::vector<StatusLine> statusLines(const StatusFrame &frame, int columns, int rows)
{
    std::vector<StatusLine> lines;
    addHead(frame, lines);
    const auto deployments = frame.state.find("deployments");
    if (frame.state.is_object() && deployments != frame.state.end() && deployments->is_array()) {
        const std::vector<const Json *> list = sorted(*deployments);
        lines.push_back({});
        const std::size_t used = lines.size() + 1; // and the headings
        std::size_t shown = list.size();
        if (rows > 0 && used + shown > std::size_t(rows))
            shown = std::size_t(rows) > used + 1 ? std::size_t(rows) - used - 1 : 0;
        std::vector<Cells> table{
            {"DEPLOYMENT", "STATUS", "RPM", "TPM", "RPD", "NOW", "REQUESTS", "ERRORS", "P50 MS", "P95 MS"}};
        std::vector<Tone> tones{Tone::Heading};
        for (std::size_t i = 0; i < shown; ++i) {
            table.push_back(cellsOf(*list[i], frame.now));
            tones.push_back(toneOf(textAt(*list[i], "status")));
        }
        std::array<std::size_t, 10> widths{};
        for (const Cells &cells : table)
            for (std::size_t i = 0; i < cells.size(); ++i)
                widths[i] = std::max(widths[i], widthOf(cells[i]));
        widths[0] = std::min(widths[0], std::max<std::size_t>(12, std::size_t(columns) / 3));
        for (std::size_t row = 0; row < table.size(); ++row) {
            std::string text;
            for (std::size_t i = 0; i < table[row].size(); ++i)
                text += padded(table[row][i], widths[i]) + "  ";
            while (text.ends_with(' '))
                text.pop_back();
            lines.push_back({std::move(text), tones[row]});
        }
        if (shown < list.size())
            lines.push_back({"… " + std::to_string(list.size() - shown) + " more", Tone::Off});
    }
    if (rows > 0 && lines.size() > std::size_t(rows))
        lines.resize(std::size_t(rows));
    for (StatusLine &line : lines)
        line.text = fitted(line.text, std::size_t(std::max(columns, 1)));
    return lines;
}

} // namespace keymux
