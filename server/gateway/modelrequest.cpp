// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/modelrequest.h"

#include "dialects/errorbody.h"
#include "gateway/answerheaders.h"
#include "log/log.h"

#include <algorithm>

namespace keymux {

namespace {

/// Above this many bytes not yet taken by the client, nothing more is read from the provider.
constexpr std::int64_t pauseAbove = 256 << 10;
/// A request may meet thousands of bad keys; whom each of so many attempts passed over is kept.
constexpr int tracedLooks = 8;

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

} // namespace

ModelRequest::ModelRequest(std::unique_ptr<HttpExchange> exchange, WorkerState &state, const VirtualKey &virtualKey,
                           Endpoint endpoint, std::string requestId, HeaderList common, QObject *parent)
    : QObject(parent), m_exchange(std::move(exchange)), m_state(state), m_pool(state.pool),
      m_virtualKeys(state.virtualKeys), m_virtualKey(virtualKey), m_endpoint(endpoint),
      m_requestId(std::move(requestId)), m_common(std::move(common)), m_startedAt(state.clock.now()),
      m_deadline(m_startedAt + m_pool->config().routing.deadline)
{
    m_state.counts.running.fetch_add(1, std::memory_order_relaxed);
    // Queued, because a write of ours may be what finds out that the client has left.
    connect(m_exchange.get(), &HttpExchange::clientGone, this, &ModelRequest::clientGone, Qt::QueuedConnection);
}

ModelRequest::~ModelRequest()
{
    m_attempt.reset();
    if (m_lease)
        settle({.klass = AnswerClass::Cancelled});
    settleKeyRoom();
    if (!m_over)
        traceEnd(RequestEnd::Withdrawn, 0);
    storeTrace();
    if (m_countedStream)
        m_state.counts.streams.fetch_sub(1, std::memory_order_relaxed);
    m_state.counts.running.fetch_sub(1, std::memory_order_relaxed);
}

void ModelRequest::start()
{
    if (!readHead() || !planRoute() || !takeKeyRoom())
        return;
    m_walk.emplace(m_pool->config().routing.maxAttempts, m_deadline);
    startHeartbeat();
    nextAttempt();
}

bool ModelRequest::readHead()
{
    m_request = std::make_shared<ClientRequest>();
    m_request->body = m_exchange->request().body;
    m_request->headers = m_exchange->request().headers;
    m_request->endpoint = m_endpoint;
    auto head = readRequestHead(m_request->bodyView());
    if (!head) {
        refuse({.status = 400, .code = head.error().code, .message = head.error().message});
        return false;
    }
    m_request->head = std::move(*head);
    return true;
}

bool ModelRequest::planRoute()
{
    const std::string &model = m_request->head.model;
    const Route route = m_pool->router->route(model, m_endpoint);
    const bool emptyPool = m_pool->router->deployments().empty();
    if (!emptyPool && (!route.plan || route.plan->tiers.empty())) {
        refuse(modelNotFound(model));
        return false;
    }
    if (!mayAskFor(m_virtualKey, model)) {
        refuse(modelNotAllowed(model));
        return false;
    }
    if (emptyPool) {
        refuse(noDeployment(model));
        return false;
    }
    m_plan = route.plan;
    if (m_request->head.stream) {
        m_countedStream = true;
        if (m_state.counts.streams.fetch_add(1, std::memory_order_relaxed) >= m_pool->config().server.maxStreams) {
            refuse(overloaded("number of streams"));
            return false;
        }
    }
    return true;
}

AcquireRequest ModelRequest::acquireRequest() const
{
    AcquireRequest request;
    request.router = m_pool->router.get();
    request.plan = m_plan;
    request.endpoint = m_endpoint;
    request.tokens = m_request->head.estimatedTokens();
    request.inputTokens = m_request->head.inputTokens();
    request.tried = m_tried;
    return request;
}

void ModelRequest::nextAttempt()
{
    const TimePoint now = m_state.clock.now();
    const AcquireRequest request = acquireRequest();
    RouteLook look;
    const auto lease = m_state.keyPool.with([&](KeyPool &pool) { return pool.acquire(request, now, &look); });
    auto seen = look.made ? std::make_shared<const RouteLook>(std::move(look)) : nullptr;
    if (!lease) {
        m_trace.refusedLook = std::move(seen);
        refuseNoRoom(lease.error());
        return;
    }
    m_lease = *lease;
    ++m_attempts;
    traceAttempt(*lease, now);
    if (m_attempts <= tracedLooks)
        m_trace.attempts.back().look = std::move(seen);
    const Deployment &deployment = m_pool->router->deployments()[lease->deployment];
    m_attempt = std::make_unique<Attempt>(m_state, m_pool, deployment, m_request, *this);
    m_attempt->start(std::max(Millis(1), m_deadline - now));
}

void ModelRequest::attemptSent()
{
    const TimePoint now = m_state.clock.now();
    m_keyOutcome.sent = true;
    m_state.keyPool.with([&](KeyPool &pool) { pool.markSent(*m_lease, now); });
}

void ModelRequest::attemptWhole(const std::string &contentType, std::string_view body)
{
    m_committed = true;
    m_trace.answeredAt = m_state.clock.now();
    traceEnd(RequestEnd::Answered, 200);
    chargeWholeAnswer();
    traceResult(m_attempt->soFar(), *m_trace.answeredAt);
    storeTrace(); // before it is sent, for the same reason
    m_exchange->sendAll(200, headersFor(contentType), body);
}

void ModelRequest::attemptUsable(const std::string &contentType, std::optional<std::int64_t> length)
{
    m_committed = true;
    m_trace.answeredAt = m_state.clock.now();
    m_heartbeat.reset();
    connect(
        m_exchange.get(), &HttpExchange::drained, this,
        [this] {
            if (m_paused && m_attempt) {
                m_paused = false;
                m_attempt->resume();
            }
        },
        Qt::QueuedConnection);
    if (m_headSent)
        return;
    m_headSent = true;
    m_exchange->sendHead(200, headersFor(contentType), length);
}

void ModelRequest::attemptBytes(std::string_view bytes)
{
    if (bytes.empty())
        return;
    m_exchange->sendBody(bytes);
    if (!m_paused && m_exchange->pendingBytes() > pauseAbove) {
        m_paused = true;
        m_attempt->pause();
    }
}

void ModelRequest::attemptEnded(const AttemptResult &result)
{
    const TimePoint now = m_state.clock.now();
    settle(result.feedback, &result);
    traceResult(result, now);
    noteSpend(result);
    if (result.feedback.klass == AnswerClass::Success) {
        succeeded();
    } else if (m_committed) {
        failedAfterCommit(result);
    } else {
        decide(result, now);
    }
}

void ModelRequest::settle(Feedback feedback, const AttemptResult *result)
{
    if (result)
        feedback.tokensUsed = tokensOf(*result);
    const Lease lease = *std::exchange(m_lease, std::nullopt);
    const TimePoint now = m_state.clock.now();
    m_state.keyPool.with([&](KeyPool &pool) { pool.settle(lease, feedback, now); });
}

std::optional<std::int64_t> ModelRequest::tokensOf(const AttemptResult &result) const
{
    const bool inputOnly = m_attempt->provider().google; // Gemini's token limit counts what goes in
    if (result.usage)
        return inputOnly ? result.usage->prompt : result.usage->total;
    if (!m_committed || inputOnly)
        return std::nullopt;
    return (m_request->head.textBytes + result.answerTextBytes + 3) / 4;
}

void ModelRequest::succeeded()
{
    if (m_attempts > 1) {
        qCInfo(lcFallback, "%s served by %s after %d attempts", m_requestId.c_str(), m_attempt->deployment().id.c_str(),
               m_attempts);
    }
    qCDebug(lcRequest, "%s %s by %s, attempt %d", m_requestId.c_str(), m_request->head.model.c_str(),
            m_attempt->deployment().id.c_str(), m_attempts);
    m_attempt.reset();
    traceEnd(RequestEnd::Answered, 200);
    settleKeyRoom(); // before the end is sent, as in chargeWholeAnswer()
    storeTrace();
    m_exchange->finish();
    over();
}

void ModelRequest::failedAfterCommit(const AttemptResult &result)
{
    qCWarning(lcRequest, "%s: %s failed while its answer was being passed on: %s", m_requestId.c_str(),
              m_attempt->deployment().id.c_str(), result.feedback.detail.c_str());
    m_attempt.reset();
    traceEnd(RequestEnd::Cut, 200, "upstream_error");
    storeTrace();
    if (m_request->head.stream) {
        sendErrorEvent(upstreamFailed("the stream was cut by the provider."));
        m_exchange->finish();
    } else {
        m_exchange->abort();
    }
    over();
}

void ModelRequest::decide(const AttemptResult &result, TimePoint now)
{
    const Deployment &deployment = m_attempt->deployment();
    const Feedback &feedback = result.feedback;
    const NextStep step = m_walk->next(feedback, now);
    m_lastFailure = std::string(answerClassName(feedback.klass));
    if (result.status)
        m_lastFailure += ", status " + std::to_string(result.status);
    const std::string provider = m_attempt->provider().name;

    switch (step) {
    case NextStep::SameWithoutField: {
        const auto &members = m_request->head.members;
        const std::string &field = result.error.unknownField;
        const bool clients =
            std::any_of(members.begin(), members.end(), [&](const auto &m) { return m.name == field; });
        const auto &known = m_state.learned.unknownFields(provider, deployment.model);
        if ((!clients && field != "stream_options") || std::find(known.begin(), known.end(), field) != known.end()) {
            passOn(result);
            return;
        }
        qCInfo(lcRequest, "%s: %s does not know the field %s; it is left out from now on", m_requestId.c_str(),
               deployment.id.c_str(), qUtf8Printable(text(field)));
        m_state.learned.rememberUnknownField(provider, deployment.model, field);
        break;
    }
    case NextStep::SameOtherAuth: {
        const auto &secret = m_pool->secrets[deployment.keyOrdinal];
        m_state.learned.switchAuth(m_pool->router->key(deployment).keyId, secret ? secret->fingerprint() : 0);
        break;
    }
    case NextStep::NextCandidate:
        qCInfo(lcFallback, "%s for %s: %s answered %s; going on to the next candidate", m_requestId.c_str(),
               qUtf8Printable(text(m_request->head.model)), deployment.id.c_str(), m_lastFailure.c_str());
        m_tried.push_back(DeploymentIndex(&deployment - m_pool->router->deployments().data()));
        break;
    case NextStep::PassOn:
        passOn(result);
        return;
    case NextStep::NotFound:
        refuse(modelNotFound(m_request->head.model));
        return;
    case NextStep::GiveUp:
        refuse(m_walk->timedOut() || now >= m_deadline ? upstreamTimedOut() : upstreamFailed(m_lastFailure + "."));
        return;
    }
    m_attempt.reset();
    nextAttempt();
}

void ModelRequest::startHeartbeat()
{
    const Millis interval = m_pool->config().server.streamHeartbeat;
    if (!m_request->head.stream || interval.count() <= 0)
        return;
    m_heartbeat = std::make_unique<QTimer>();
    connect(m_heartbeat.get(), &QTimer::timeout, this, [this] {
        if (!m_headSent) {
            m_headSent = true;
            m_exchange->sendHead(200, headersFor("text/event-stream"), std::nullopt);
        }
        m_exchange->sendBody(": keep-alive\n\n");
    });
    m_heartbeat->start(interval);
}

void ModelRequest::clientGone()
{
    if (m_over)
        return;
    qCDebug(lcRequest, "%s: the client left", m_requestId.c_str());
    traceEnd(RequestEnd::ClientLeft, 0);
    noteCutAnswer();
    m_attempt.reset(); // cancels the call
    over();
}

void ModelRequest::over()
{
    m_over = true;
    m_heartbeat.reset();
    m_attempt.reset();
    if (m_lease)
        settle({.klass = AnswerClass::Cancelled});
    settleKeyRoom();
    storeTrace();
    deleteLater();
}

} // namespace keymux
