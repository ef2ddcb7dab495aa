// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/keyprobes.h"

#include "clock/systemclock.h"
#include "gateway/keyprobe.h"

#include <QCoreApplication>
#include <QTimer>
#include <list>

namespace keymux {

namespace {

constexpr std::size_t atOnce = 8;
constexpr Millis deadline{15000};

KeyVerdict verdictOf(const std::string &keyId, const ProbeResult &result)
{
    const Feedback &feedback = result.feedback;
    if (feedback.klass == AnswerClass::Success) {
        const std::string listed = result.models ? std::to_string(result.models->size()) + " models" : feedback.detail;
        return {keyId, KeyVerdict::Kind::Good, "its provider takes it (" + listed + ")"};
    }
    if (feedback.klass == AnswerClass::BadKey)
        return {keyId, KeyVerdict::Kind::Refused,
                "its provider refuses it; replace it where it comes from: " + feedback.detail};
    return {keyId, KeyVerdict::Kind::Unknown,
            std::string(answerClassName(feedback.klass)) + ", which says nothing about the key: " + feedback.detail};
}

/// The keys that wait and those that are asked about.
class Probes {
public:
    Probes(const ResolvedPool &pool, const std::function<void(const KeyVerdict &, int, int)> &told) : m_told(told)
    {
        auto active = std::make_shared<ActivePool>();
        active->router = std::make_shared<const Router>(std::make_shared<const PoolConfig>(pool.config));
        active->secrets = pool.secrets;
        m_pool = active;
        for (const Provider &provider : m_pool->config().providers) {
            for (const KeyEntry &key : provider.keys) {
                const auto pooled = keyNamed(*m_pool, key.keyId);
                if (key.enabled && pooled && pooled->secret && provider.auth != AuthStyle::None)
                    m_waiting.push_back(*pooled);
            }
        }
        m_all = int(m_waiting.size());
    }

    bool areThere() const { return m_all > 0; }

    void next()
    {
        while (!m_waiting.empty() && m_running.size() < atOnce)
            start();
        if (m_running.empty())
            QCoreApplication::quit();
    }

private:
    void start()
    {
        const PooledKey key = m_waiting.front();
        m_waiting.pop_front();
        const auto place = m_running.emplace(m_running.end());
        *place = std::make_unique<KeyProbe>(m_upstream, m_pool, *key.provider, key.secret, m_clock.now(), deadline,
                                            [this, place, keyId = key.entry->keyId](const ProbeResult &result) {
                                                const auto over = std::move(*place); // goes at the end
                                                m_running.erase(place);
                                                m_told(verdictOf(keyId, result), ++m_done, m_all);
                                                next();
                                            });
    }

    const std::function<void(const KeyVerdict &, int, int)> &m_told;
    std::shared_ptr<const ActivePool> m_pool;
    std::list<PooledKey> m_waiting;
    SystemClock m_clock;
    UpstreamClient m_upstream;
    std::list<std::unique_ptr<KeyProbe>> m_running; ///< last: it goes before what it works on
    int m_done = 0, m_all = 0;
};

} // namespace

void probeKeys(const ResolvedPool &pool, const std::function<void(const KeyVerdict &, int done, int all)> &told)
{
    Probes probes(pool, told);
    if (!probes.areThere())
        return;
    QTimer::singleShot(0, QCoreApplication::instance(), [&probes] { probes.next(); });
    QCoreApplication::exec();
}

} // namespace keymux
