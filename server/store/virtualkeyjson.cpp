// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/virtualkeyjson.h"

#include "core/configfields.h"
#include "log/log.h"

#include <QDateTime>
#include <algorithm>
#include <charconv>
#include <cmath>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t maxName = 200, maxModels = 10000, maxMetadata = 16 << 10;
constexpr double maxAmount = 1e15;

const std::vector<std::string> &knownFields()
{
    static const std::vector<std::string> names{"name",   "models",     "rpm_limit", "tpm_limit",    "max_parallel",
                                                "budget", "expires_at", "metadata",  "expose_route", "blocked"};
    return names;
}

std::string shown(std::string_view text)
{
    std::string clean(text.substr(0, 64));
    std::replace_if(
        clean.begin(), clean.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return '`' + clean + '`';
}

bool isPlainText(const std::string &text, std::size_t most)
{
    return !text.empty() && text.size() <= most && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

/// Reads one document into one key and collects what is wrong.
class Reader {
public:
    Reader(VirtualKey &key, TimePoint now) : m_key(key), m_now(now) {}

    void read(const Json &document)
    {
        if (!document.is_object()) {
            problem("", "an object with the fields of a virtual key is expected");
            return;
        }
        for (const auto &[name, value] : document.items())
            readField(name, value);
    }
    std::vector<FieldProblem> takeProblems() { return std::move(m_problems); }

private:
    void problem(const std::string &path, std::string message) { m_problems.push_back({path, std::move(message)}); }

    void readField(const std::string &name, const Json &value)
    {
        if (name == "name")
            readName(value);
        else if (name == "models")
            readModels(value);
        else if (name == "rpm_limit")
            readLimit(name, value, m_key.limits.rpm);
        else if (name == "tpm_limit")
            readLimit(name, value, m_key.limits.tpm);
        else if (name == "max_parallel")
            readLimit(name, value, m_key.limits.maxParallel);
        else if (name == "budget")
            readBudget(value);
        else if (name == "expires_at")
            readExpiry(value);
        else if (name == "metadata")
            readMetadata(value);
        else if (name == "expose_route")
            readFlag(name, value, m_key.exposeRoute);
        else if (name == "blocked")
            readFlag(name, value, m_key.blocked);
        else
            unknown("", name, knownFields());
    }

    void unknown(const std::string &parent, const std::string &name, const std::vector<std::string> &known)
    {
        std::string message = "unknown field " + shown(name);
        if (const auto near = nearestName(name, known))
            message += "; did you mean `" + *near + "`?";
        problem(parent + name.substr(0, 64), message);
    }

    void readName(const Json &value)
    {
        if (value.is_string() && isPlainText(value.get_ref<const std::string &>(), maxName))
            m_key.name = value.get<std::string>();
        else
            problem("name", "a text of 1 to 200 bytes without control characters is expected");
    }

    void readModels(const Json &value)
    {
        std::vector<std::string> models;
        const bool list = value.is_array() && value.size() <= maxModels;
        if (!list && !value.is_null()) {
            problem("models", "a list of at most 10000 model names or globs is expected; empty stands for all");
            return;
        }
        for (const Json &model : value) {
            if (!model.is_string() || !isPlainText(model.get_ref<const std::string &>(), maxName)) {
                problem("models", "each must be a text of 1 to 200 bytes such as `gpt-4*`");
                return;
            }
            models.push_back(model.get<std::string>());
        }
        m_key.models = std::move(models);
    }

    void readLimit(const std::string &name, const Json &value, std::optional<std::int64_t> &limit)
    {
        const double number = value.is_number() ? value.get<double>() : 0;
        if (value.is_null())
            limit.reset();
        else if (number >= 1 && number <= maxAmount && number == std::floor(number))
            limit = std::int64_t(number);
        else
            problem(name, "a whole number from 1 is expected, or null for no limit; `blocked` stops a key");
    }

    void readFlag(const std::string &name, const Json &value, bool &flag)
    {
        if (value.is_boolean())
            flag = value.get<bool>();
        else
            problem(name, "true or false is expected");
    }

    void readBudget(const Json &value)
    {
        if (value.is_null()) {
            m_key.limits.budget.reset();
            return;
        }
        if (!value.is_object()) {
            problem("budget", "an object with `amount`, `unit` and `period` is expected, or null for no budget");
            return;
        }
        const std::size_t before = m_problems.size();
        const auto text = [&](const char *name) {
            return value.contains(name) && value[name].is_string() ? value[name].get<std::string>() : std::string();
        };
        const double amount =
            value.contains("amount") && value["amount"].is_number() ? value["amount"].get<double>() : -1;
        if (!(amount >= 0 && amount <= maxAmount))
            problem("budget.amount", "a number from 0 is expected");
        const auto unit = unitFrom(text("unit"));
        if (!unit)
            problem("budget.unit", "one of `tokens`, `requests`, `usd` is expected");
        const auto period = value.contains("period") ? periodFrom(text("period")) : std::optional(BudgetPeriod::Total);
        if (!period)
            problem("budget.period", "one of `day`, `week`, `month`, `total` is expected");
        const std::vector<std::string> known{"amount", "unit", "period"};
        for (const auto &[name, ignored] : value.items()) {
            if (std::find(known.begin(), known.end(), name) == known.end())
                unknown("budget.", name, known);
        }
        if (m_problems.size() == before)
            m_key.limits.budget = Budget{amount, *unit, *period};
    }

    void readExpiry(const Json &value)
    {
        const auto moment = value.is_string() ? parseExpiry(value.get<std::string>(), m_now) : std::nullopt;
        if (value.is_null())
            m_key.expiresAt.reset();
        else if (moment)
            m_key.expiresAt = moment;
        else
            problem("expires_at",
                    "a moment such as 2027-01-31T12:00:00Z or a time from now such as 12h, 30d or 4w is expected");
    }

    void readMetadata(const Json &value)
    {
        const std::string text =
            value.is_object() ? value.dump(-1, ' ', false, Json::error_handler_t::replace) : std::string();
        if (!value.is_null() && (!value.is_object() || text.size() > maxMetadata))
            problem("metadata", "a JSON object of at most 16 KiB is expected");
        else
            m_key.metadata = text == "{}" ? std::string() : text;
    }

    VirtualKey &m_key;
    TimePoint m_now;
    std::vector<FieldProblem> m_problems;
};

template <typename T>
Json orNull(const std::optional<T> &value)
{
    return value ? Json(*value) : Json(nullptr);
}

Json timeOrNull(const std::optional<TimePoint> &t)
{
    return t ? Json(rfc3339(*t)) : Json(nullptr);
}

/// Whole amounts without a fraction, as they were written.
Json amountJson(double amount)
{
    return amount == std::floor(amount) ? Json(std::int64_t(amount)) : Json(amount);
}

Json spendJson(const Spend &spend)
{
    return {{"requests", spend.requests}, {"tokens", spend.tokens}, {"cost_usd", spend.costUsd}};
}

} // namespace

std::vector<FieldProblem> readVirtualKeyFields(const Json &document, VirtualKey &key, TimePoint now)
{
    Reader reader(key, now);
    reader.read(document);
    return reader.takeProblems();
}

Json virtualKeyJson(const VirtualKey &key, const VirtualKeyRoom::Usage &usage, TimePoint now)
{
    const auto &budget = key.limits.budget;
    Json budgetJson = nullptr;
    if (budget) {
        budgetJson = {{"amount", amountJson(budget->amount)},
                      {"unit", unitName(budget->unit)},
                      {"period", periodName(budget->period)}};
    }
    Json spend = spendJson(usage.period);
    spend["since"] = usage.since == TimePoint() ? Json(rfc3339(key.createdAt)) : Json(rfc3339(usage.since));
    spend["resets_at"] = timeOrNull(budget ? periodEnd(budget->period, now) : std::nullopt);
    spend["total"] = spendJson(usage.total);
    const Json metadata = Json::parse(key.metadata, nullptr, false);
    const bool turning = key.oldUntil && now < *key.oldUntil;
    return {{"id", key.id},
            {"name", key.name},
            {"hint", key.hint},
            {"status", statusName(statusOf(key, now))},
            {"models", key.models},
            {"rpm_limit", orNull(key.limits.rpm)},
            {"tpm_limit", orNull(key.limits.tpm)},
            {"max_parallel", orNull(key.limits.maxParallel)},
            {"budget", std::move(budgetJson)},
            {"metadata", metadata.is_object() ? metadata : Json::object()},
            {"expose_route", key.exposeRoute},
            {"blocked", key.blocked},
            {"spend", std::move(spend)},
            {"created_at", rfc3339(key.createdAt)},
            {"expires_at", timeOrNull(key.expiresAt)},
            {"revoked_at", timeOrNull(key.revokedAt)},
            {"old_key_until", turning ? timeOrNull(key.oldUntil) : Json(nullptr)},
            {"last_used_at", timeOrNull(usage.lastUsedAt)}};
}

std::optional<Millis> parseDuration(const std::string &text)
{
    if (text == "0")
        return Millis(0);
    std::int64_t count = 0;
    const char *end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || rest + 1 != end || count <= 0 || count >= 100000)
        return std::nullopt;
    switch (*rest) {
    case 's':
        return std::chrono::seconds(count);
    case 'm':
        return std::chrono::minutes(count);
    case 'h':
        return std::chrono::hours(count);
    case 'd':
        return std::chrono::days(count);
    case 'w':
        return std::chrono::weeks(count);
    default:
        return std::nullopt;
    }
}

std::optional<TimePoint> parseExpiry(const std::string &text, TimePoint now)
{
    if (const auto duration = parseDuration(text); duration && duration->count() > 0)
        return now + *duration;
    const QDateTime moment = QDateTime::fromString(QString::fromStdString(text), Qt::ISODateWithMs);
    if (!moment.isValid() || moment.timeSpec() == Qt::LocalTime)
        return std::nullopt;
    return TimePoint(Millis(moment.toMSecsSinceEpoch()));
}

} // namespace keymux
