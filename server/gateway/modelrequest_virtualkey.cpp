// SPDX-License-Identifier: GPL-3.0-or-later
// What a request means to its virtual key: room taken and given back, what it cost, and its end when the key goes.
#include "gateway/answerheaders.h"
#include "gateway/modelrequest.h"
#include "log/log.h"

#include <algorithm>

namespace keymux {

bool ModelRequest::takeKeyRoom()
{
    const TimePoint now = m_state.clock.now();
    const Spend estimate{.requests = 1, .tokens = m_request->head.estimatedTokens(), .costUsd = estimatedCost()};
    auto admitted =
        m_state.keyRoom.with([&](VirtualKeyRoom &room) { return room.acquire(m_virtualKey, estimate, now); });
    if (!admitted) {
        m_keyFigures = admitted.error().figures;
        refuse(keyLimitReached(admitted.error(), m_virtualKey.limits, estimate.tokens));
        return false;
    }
    m_keyLease = std::move(admitted->lease);
    m_keyFigures = admitted->figures;
    return true;
}

HeaderList ModelRequest::headersFor(const std::string &contentType) const
{
    HeaderList headers =
        answerHeaders(m_common, contentType, m_request->head.stream, m_attempt.get(), m_attempts, m_virtualKey);
    addLimitHeaders(headers, m_keyFigures);
    return headers;
}

/// The one place where a virtual key is charged, however the request ends.
void ModelRequest::settleKeyRoom()
{
    if (!m_keyLease)
        return;
    VirtualKeyRoom::Lease lease = *std::exchange(m_keyLease, std::nullopt);
    const TimePoint now = m_state.clock.now();
    m_state.keyRoom.with([&](VirtualKeyRoom &room) { room.settle(std::move(lease), m_keyOutcome, now); });
}

/// An answer that was passed on is paid for, also one that was cut; one that failed before that is not.
void ModelRequest::noteSpend(const AttemptResult &result)
{
    if (result.feedback.klass != AnswerClass::Success && !m_committed)
        return;
    charge(result.usage ? *result.usage : estimatedUsage(result.answerTextBytes), !result.usage);
}

/// A request that ends from our side or the client's while an answer is on its way pays for what there was of it:
/// leaving early is no way around a budget.
void ModelRequest::noteCutAnswer()
{
    if (!m_attempt || !m_keyOutcome.sent)
        return;
    const auto &usage = m_attempt->usage();
    charge(usage ? *usage : estimatedUsage(m_attempt->textBytesSoFar()), !usage);
}

void ModelRequest::charge(const TokenUsage &usage, bool estimated)
{
    m_keyOutcome.spend.requests = 1;
    m_keyOutcome.spend.tokens = usage.total;
    m_trace.usage = usage;
    m_trace.usageEstimated = estimated;
    const ModelPrice *price = m_trace.attempts.empty() ? nullptr : m_pool->priceOf(m_trace.attempts.back().deployment);
    m_trace.costUsd = price ? std::optional(costUsd(*price, usage)) : std::nullopt;
    m_keyOutcome.spend.costUsd = m_trace.costUsd.value_or(0); // what has no price counts in no budget of dollars
}

/// What a budget in dollars sets aside before it is known who will answer: the dearest of those that are tried first.
double ModelRequest::estimatedCost() const
{
    constexpr std::size_t enough = 64;
    const auto &budget = m_virtualKey.limits.budget;
    if (!budget || budget->unit != BudgetUnit::Usd || m_plan->tiers.empty())
        return 0;
    TokenUsage usage;
    usage.prompt = m_request->head.inputTokens();
    usage.completion = m_request->head.estimatedTokens() - usage.prompt;
    const auto &first = m_pool->router->tiers()[m_plan->tiers.front()].members;
    double most = 0;
    for (std::size_t i = 0; i < std::min(enough, first.size()); ++i) {
        if (const ModelPrice *price = m_pool->priceOf(first[i]))
            most = std::max(most, costUsd(*price, usage));
    }
    return most;
}

/// Four bytes of text are about a token.
TokenUsage ModelRequest::estimatedUsage(std::int64_t answerTextBytes) const
{
    TokenUsage usage;
    usage.total = (m_request->head.textBytes + answerTextBytes + 3) / 4;
    usage.prompt = std::min(usage.total, (m_request->head.textBytes + 3) / 4);
    usage.completion = usage.total - usage.prompt;
    return usage;
}

/// Before the answer is sent: a client that has it may ask again at once, and must find its place free.
void ModelRequest::chargeWholeAnswer()
{
    AttemptResult result;
    result.feedback.klass = AnswerClass::Success;
    result.usage = m_attempt->usage();
    noteSpend(result);
    settleKeyRoom();
}

void ModelRequest::endIfWithdrawn(const VirtualKeyTable &table)
{
    if (m_over)
        return;
    const VirtualKey *key = table.byId(m_virtualKey.id);
    if (key && !key->revokedAt && !key->blocked)
        return;
    qCInfo(lcRequest, "%s: its virtual key %s was withdrawn", m_requestId.c_str(), m_virtualKey.id.c_str());
    traceEnd(RequestEnd::Withdrawn, 401, "invalid_api_key");
    noteCutAnswer();
    m_attempt.reset(); // cancels the call
    if (m_committed && !m_request->head.stream) {
        m_exchange->abort(); // half an answer cannot be turned into an error
        over();
    } else {
        refuse(keyWithdrawn());
    }
}

} // namespace keymux
