// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/keychecker.h"

#include "log/log.h"

namespace keymux {

namespace {

constexpr Millis lookInterval{1000};
constexpr std::size_t atOnce = 8; ///< calls; those of clients come first
constexpr Millis deadline{15000};

} // namespace

void KeyChecker::tick(const std::shared_ptr<const ActivePool> &active, TimePoint now)
{
    const Millis interval = active->config().routing.validateInterval;
    if (interval == Millis(0) || now - m_lookedAt < lookInterval || m_running.size() >= atOnce)
        return;
    m_lookedAt = now;
    const std::size_t most = atOnce - m_running.size();
    const auto due = m_pool.with([&](KeyPool &pool) { return pool.takeDueChecks(interval, most, now); });
    for (const std::string &keyId : due) {
        const auto key = keyNamed(*active, keyId);
        // Without a credential there is nothing that could be refused.
        if (key && key->secret && key->provider->auth != AuthStyle::None)
            check(active, *key, now);
    }
}

void KeyChecker::check(const std::shared_ptr<const ActivePool> &active, const PooledKey &key, TimePoint now)
{
    const auto place = m_running.emplace(m_running.end());
    *place = std::make_unique<KeyProbe>(
        m_upstream, active, *key.provider, key.secret, now, deadline,
        [this, place, keyId = key.entry->keyId, version = m_versionOf(*key.secret), now](const ProbeResult &result) {
            const auto over = std::move(*place); // goes at the end, as this function is part of it
            m_running.erase(place);
            note(keyId, version, result, now + result.latency);
        });
}

void KeyChecker::note(const std::string &keyId, std::uint64_t version, const ProbeResult &result, TimePoint now)
{
    m_pool.with([&](KeyPool &pool) { return pool.noteProbe(keyId, version, result.feedback, now); });
    if (result.feedback.klass == AnswerClass::Success)
        qCDebug(lcRate, "key %s was checked: its provider takes it", keyId.c_str());
    else
        qCInfo(lcRate, "key %s was checked: %s (%s)", keyId.c_str(),
               std::string(answerClassName(result.feedback.klass)).c_str(), result.feedback.detail.c_str());
}

} // namespace keymux
