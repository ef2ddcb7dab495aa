// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/keyprobe.h"

#include "dialects/errorbody.h"
#include "gateway/credentialheader.h"
#include "gateway/modellist.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr std::size_t bodyBound = 4 << 20; ///< the longest lists known have half of that
constexpr std::size_t errorBodyBound = 64 << 10;

} // namespace

KeyProbe::KeyProbe(UpstreamClient &upstream, std::shared_ptr<const ActivePool> pool, const Provider &provider,
                   std::shared_ptr<const Secret> secret, TimePoint now, Millis deadline, Done done)
    : m_upstream(upstream), m_pool(std::move(pool)), m_provider(provider), m_secret(std::move(secret)), m_now(now),
      m_deadline(deadline), m_done(std::move(done)),
      m_canSwitch(provider.google && (provider.auth == AuthStyle::Bearer || provider.auth == AuthStyle::GoogleApiKey))
{
    ask(provider.auth);
}

void KeyProbe::ask(AuthStyle auth)
{
    UpstreamRequest call;
    call.method = "GET";
    call.url = m_provider.baseUrl + "/models";
    call.headers = {{"accept", "application/json"}, {"accept-encoding", "identity"}};
    call.headers.insert(call.headers.end(), m_provider.headers.begin(), m_provider.headers.end());
    if (auth != AuthStyle::None && m_secret && !m_secret->empty()) {
        call.credentialHeader = credentialPrefix(auth);
        call.credential = m_secret;
    }
    call.timeouts = m_provider.timeouts;
    call.proxy = m_provider.proxy;
    call.caFile = m_provider.caFile;
    m_result.status = 0;
    m_headers.clear();
    m_body.clear();
    m_call = m_upstream.start(std::move(call), this);
    m_call->setDeadline(std::max(Millis(1), m_deadline - passed()));
}

void KeyProbe::upstreamHead(int status, const std::vector<NamedValue> &headers)
{
    m_result.status = status;
    m_headers = headers;
}

void KeyProbe::upstreamData(std::string_view bytes)
{
    const bool good = m_result.status >= 200 && m_result.status < 300;
    const std::size_t bound = good ? bodyBound : errorBodyBound;
    m_body.append(bytes.substr(0, bound - std::min(bound, m_body.size())));
    if (m_body.size() < bound || !good)
        return;
    m_tooLong = true; // it need not be read to its end
    m_call.reset();
    answered(false);
}

void KeyProbe::upstreamDone(const UpstreamEnd &end)
{
    if (m_result.status >= 200 && m_result.status < 300)
        answered(end.complete);
    else if (m_result.status != 0)
        refused();
    else
        tell({.klass = end.failure, .detail = end.why});
}

/// The status already says that the key was taken, whatever the list is like.
void KeyProbe::answered(bool whole)
{
    m_result.models = whole ? readModelList(m_body) : std::nullopt;
    Feedback feedback;
    if (!m_result.models) {
        feedback.detail = m_tooLong ? "its list of models is longer than 4 MiB"
                          : whole   ? "its answer is no list of models"
                                    : "its answer was cut";
    }
    tell(std::move(feedback));
}

void KeyProbe::refused()
{
    const TimePoint now = m_now + passed();
    AnswerFacts facts;
    facts.status = m_result.status;
    facts.headers = std::move(m_headers);
    facts.error = readErrorBody(m_body, now);
    facts.google = m_provider.google;
    facts.canSwitchAuth = m_canSwitch;
    Feedback feedback = classify(facts, now);
    if (m_result.status < 400) // redirects are not followed: a credential must not travel
        feedback.klass = AnswerClass::Broken;
    if (feedback.klass == AnswerClass::WrongAuthStyle) {
        m_canSwitch = false;
        ask(m_provider.auth == AuthStyle::Bearer ? AuthStyle::GoogleApiKey : AuthStyle::Bearer);
        return;
    }
    tell(std::move(feedback));
}

void KeyProbe::tell(Feedback feedback)
{
    feedback.detail = redacted(feedback.detail, m_secret ? m_secret->reveal() : std::string_view());
    m_result.feedback = std::move(feedback);
    m_result.latency = passed();
    const ProbeResult result = std::move(m_result);
    const Done done = m_done; // outlives the probe, which it may destroy
    done(result);
}

Millis KeyProbe::passed() const
{
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - m_startedAt);
}

} // namespace keymux
