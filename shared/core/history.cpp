// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history.h"

#include <algorithm>
#include <utility>

namespace keymux {

namespace {

constexpr Millis keptFor{25 * 3600000LL};
/// What the fine slots surely cover.
constexpr Millis fineSpan{3600000};

bool isLimit(AnswerClass klass)
{
    return klass == AnswerClass::MinuteLimit || klass == AnswerClass::DayQuota || klass == AnswerClass::NoQuota;
}

/// As the pool counts errors of a deployment.
bool isError(AnswerClass klass)
{
    switch (klass) {
    case AnswerClass::Success:
    case AnswerClass::NeverSent:
    case AnswerClass::Cancelled:
    case AnswerClass::ClientFault:
    case AnswerClass::UnknownField:
    case AnswerClass::WrongAuthStyle:
        return false;
    default:
        return true;
    }
}

/// What it can take right now: nothing while it rests or is switched off, whatever its windows say.
double roomOf(const DeploymentState &deployment)
{
    const bool serves = deployment.status == DeploymentStatus::Ready ||
                        deployment.status == DeploymentStatus::Limited ||
                        deployment.status == DeploymentStatus::Probing;
    return serves ? deployment.room : 0;
}

} // namespace

HistorySeries &History::seriesOf(const std::string &name)
{
    auto &series = m_series[name];
    if (!series)
        series = std::make_unique<HistorySeries>();
    return *series;
}

void History::count(const RequestTrace &trace, TimePoint now)
{
    HistoryCounts pool;
    pool.requests = 1;
    pool.errors = trace.end == RequestEnd::Refused || trace.end == RequestEnd::Cut ? 1 : 0;
    pool.rateLimited = trace.status == 429 ? 1 : 0;
    pool.tokens = trace.usage ? trace.usage->total : 0;
    for (std::size_t i = 0; i < trace.attempts.size(); ++i) {
        const AttemptTrace &attempt = trace.attempts[i];
        const bool last = i + 1 == trace.attempts.size();
        HistoryCounts counts;
        counts.requests = attempt.klass == AnswerClass::NeverSent ? 0 : 1;
        counts.errors = isError(attempt.klass) ? 1 : 0;
        counts.rateLimited = isLimit(attempt.klass) ? 1 : 0;
        counts.fallbacks = !last && trace.attempts[i + 1].deployment != attempt.deployment ? 1 : 0;
        counts.tokens = last ? pool.tokens : 0;
        pool.fallbacks += counts.fallbacks;
        const bool good = attempt.klass == AnswerClass::Success;
        seriesOf(trace.router->deployments()[attempt.deployment].id)
            .count(counts, good ? attempt.firstByte : std::nullopt, now);
    }
    seriesOf(poolName).count(pool, trace.answeredAt ? std::optional(*trace.answeredAt - trace.startedAt) : std::nullopt,
                             now);
}

void History::sample(const PoolSnapshot &snapshot, TimePoint now)
{
    double sum = 0;
    for (const DeploymentState &deployment : snapshot.deployments) {
        const double room = roomOf(deployment);
        seriesOf(deployment.id).sampleRoom(room, now);
        sum += room;
    }
    seriesOf(poolName).sampleRoom(snapshot.deployments.empty() ? 0 : sum / double(snapshot.deployments.size()), now);
    if (std::exchange(m_lookedAt, slotAt(HistoryLevel::Fine, now)) != slotAt(HistoryLevel::Fine, now))
        forget(snapshot.deployments.size() + 1, now);
}

void History::advance(TimePoint now)
{
    for (const auto &[name, series] : m_series)
        series->advance(now);
}

/// Lets go of what has not been seen for a day, and of what left first where a config changes all the time.
void History::forget(std::size_t inConfig, TimePoint now)
{
    std::erase_if(m_series, [&](const auto &entry) { return now - entry.second->lastSeen() > keptFor; });
    if (m_series.size() <= inConfig + mostGone)
        return;
    std::vector<std::pair<TimePoint, std::string>> byAge;
    for (const auto &[name, series] : m_series)
        byAge.emplace_back(series->lastSeen(), name);
    std::sort(byAge.begin(), byAge.end());
    byAge.resize(m_series.size() - inConfig - mostGone);
    for (const auto &[at, name] : byAge)
        m_series.erase(name);
}

/// A deployment's id is `key_id/model`, and a key_id has no slash.
bool History::belongs(const std::string &name, HistoryQuery::Of of, std::string_view wanted)
{
    const std::size_t slash = name.find('/');
    switch (of) {
    case HistoryQuery::Of::Pool:
        return name == poolName;
    case HistoryQuery::Of::Deployment:
        return slash != std::string::npos && name == wanted;
    case HistoryQuery::Of::Key:
        return slash != std::string::npos && std::string_view(name).substr(0, slash) == wanted;
    case HistoryQuery::Of::Model:
        return slash != std::string::npos && std::string_view(name).substr(slash + 1) == wanted;
    }
    return false;
}

bool History::knows(HistoryQuery::Of of, std::string_view name) const
{
    return of == HistoryQuery::Of::Pool || std::any_of(m_series.begin(), m_series.end(), [&](const auto &entry) {
               return belongs(entry.first, of, name);
           });
}

HistoryAnswer History::frameOf(const HistoryQuery &query, TimePoint now)
{
    HistoryAnswer frame;
    // A moment the request was on its way is no reason for coarser points.
    const bool fine = query.from >= now - fineSpan - Millis(5000) && query.step % coarseStep != Millis(0);
    const Millis base = fine ? fineStep : coarseStep;
    frame.step = base * std::max<std::int64_t>(1, (query.step + base - Millis(1)) / base);
    const auto down = [&](TimePoint t) { return TimePoint(frame.step * (t.time_since_epoch() / frame.step)); };
    frame.from = down(query.from);
    frame.to = down(query.to + frame.step - Millis(1));
    return frame;
}

HistoryAnswer History::answer(const HistoryQuery &query, TimePoint now) const
{
    HistoryAnswer answer = frameOf(query, now);
    const HistoryLevel level = answer.step % coarseStep == Millis(0) ? HistoryLevel::Coarse : HistoryLevel::Fine;
    std::vector<const HistorySeries *> parts;
    for (const auto &[name, series] : m_series) {
        if (belongs(name, query.of, query.name))
            parts.push_back(series.get());
    }
    const std::int64_t slots = answer.step / stepOf(level);
    const std::size_t points = std::min(pointsOf(answer), mostPoints);
    answer.points.reserve(points);
    std::int64_t number = slotAt(level, answer.from);
    for (std::size_t i = 0; i < points; ++i, number += slots) {
        // What is older than all that is kept need not be looked for.
        const std::int64_t first = std::max(number, slotAt(level, now) - std::int64_t(coarseSlots));
        HistorySum sum;
        for (std::int64_t n = first; n < std::min(number + slots, slotAt(level, now) + 1); ++n) {
            for (const HistorySeries *part : parts) {
                if (const auto slot = part->slot(level, n))
                    sum.add(*slot);
            }
        }
        answer.points.push_back(
            sum.any() ? std::optional(HistoryPoint{sum.counts(), sum.latency(0.5), sum.latency(0.95), sum.room()})
                      : std::nullopt);
    }
    return answer;
}

void History::forEach(HistoryLevel level, std::int64_t number,
                      const std::function<void(const std::string &, const HistorySlot &)> &use) const
{
    for (const auto &[name, series] : m_series) {
        if (const auto slot = series->slot(level, number))
            use(name, *slot);
    }
}

void History::restore(const std::string &name, HistoryLevel level, std::int64_t number, const HistorySlot &slot,
                      TimePoint now)
{
    seriesOf(name).restore(level, number, slot, now);
}

std::size_t History::bytes() const
{
    std::size_t sum = sizeof(History) + m_series.bucket_count() * sizeof(void *);
    for (const auto &[name, series] : m_series) {
        // A node of the table: its name and pointer, the next one, the hash.
        sum += series->bytes() + sizeof(std::string) + sizeof(series) + 2 * sizeof(void *) +
               (name.capacity() > 15 ? name.capacity() + 1 : 0);
    }
    return sum;
}

} // namespace keymux
