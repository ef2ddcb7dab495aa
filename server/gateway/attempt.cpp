// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/attempt.h"

#include "dialects/answermembers.h"
#include "dialects/errorbody.h"
#include "gateway/credentialheader.h"

#include <algorithm>
#include <charconv>

namespace keymux {

namespace {

constexpr std::size_t errorBodyBound = 64 << 10;
constexpr std::size_t plainLookBound = 1 << 20; ///< a larger plain answer is passed on as it comes
constexpr std::size_t beforeFirstEventBound = 1 << 20;
constexpr std::size_t usageBound = 16 << 10; ///< a usage is looked for within so many bytes of either end

std::string_view endpointPath(Endpoint endpoint)
{
    switch (endpoint) {
    case Endpoint::Chat:
        return "/chat/completions";
    case Endpoint::Completions:
        return "/completions";
    case Endpoint::Embeddings:
        return "/embeddings";
    }
    return "/chat/completions";
}

/// Client headers that mean something to a provider; all others stay here.
bool isForwarded(std::string_view name, const Provider &provider)
{
    if (name.starts_with("anthropic-") || name == "openai-beta" || name == "idempotency-key")
        return true;
    return std::find(provider.forwardHeaders.begin(), provider.forwardHeaders.end(), name) !=
           provider.forwardHeaders.end();
}

std::string_view valueOf(const std::vector<NamedValue> &headers, std::string_view name)
{
    for (const auto &[key, value] : headers) {
        if (key == name)
            return value;
    }
    return {};
}

/// What stays alive until the provider has the whole body.
struct BodyInFlight {
    std::shared_ptr<const ClientRequest> request;
    SplicedBody spliced;
};

} // namespace

Attempt::Attempt(WorkerState &state, std::shared_ptr<const ActivePool> pool, const Deployment &deployment,
                 std::shared_ptr<const ClientRequest> request, AttemptOwner &owner)
    : m_state(state), m_pool(std::move(pool)), m_deployment(deployment),
      m_provider(m_pool->router->provider(deployment)), m_secret(m_pool->secrets[deployment.keyOrdinal]),
      m_request(std::move(request)), m_owner(owner)
{
}

BodyEdit Attempt::bodyEdit()
{
    BodyEdit edit;
    edit.model = m_deployment.model;
    edit.drop = m_provider.dropParams;
    edit.rename = m_provider.renameParams;
    bool knowsStreamOptions = true;
    for (const std::string &field : m_state.learned.unknownFields(m_provider.name, m_deployment.model)) {
        edit.drop.push_back(field);
        knowsStreamOptions = knowsStreamOptions && field != "stream_options";
        const auto &members = m_request->head.members;
        if (std::any_of(members.begin(), members.end(), [&](const auto &m) { return m.name == field; }))
            m_droppedFields.push_back(field);
    }
    const bool dropsStreamOptions =
        !knowsStreamOptions || std::find(edit.drop.begin(), edit.drop.end(), "stream_options") != edit.drop.end();
    edit.askForUsage =
        m_request->head.stream && m_provider.streamUsage && !m_request->head.includeUsage && !dropsStreamOptions;
    m_hideUsage = edit.askForUsage;
    return edit;
}

UpstreamRequest Attempt::upstreamRequest(AuthStyle auth)
{
    UpstreamRequest call;
    call.url = m_provider.baseUrl;
    call.url += endpointPath(m_request->endpoint);
    call.headers.reserve(6 + m_provider.headers.size());
    call.headers.emplace_back("content-type", "application/json");
    call.headers.emplace_back("accept",
                              m_request->head.stream ? "text/event-stream, application/json" : "application/json");
    call.headers.emplace_back("accept-encoding", "identity");
    for (const auto &[name, value] : m_request->headers) {
        if (isForwarded(name, m_provider))
            call.headers.emplace_back(name, value);
    }
    for (const auto &header : m_provider.headers)
        call.headers.push_back(header);
    if (auth != AuthStyle::None && m_secret && !m_secret->empty()) {
        call.credentialHeader = credentialPrefix(auth);
        call.credential = m_secret;
    }
    call.timeouts = m_provider.timeouts;
    call.proxy = m_provider.proxy;
    call.caFile = m_provider.caFile;
    call.preferHttp1 = m_request->head.stream;

    auto body = std::make_shared<BodyInFlight>();
    body->request = m_request;
    body->spliced = splice(m_request->bodyView(), m_request->head, bodyEdit());
    call.body = body->spliced.pieces();
    call.bodyOwner = std::move(body);
    return call;
}

void Attempt::start(Millis remaining)
{
    const std::string &keyId = m_pool->router->key(m_deployment).keyId;
    const std::uint64_t fingerprint = m_secret && m_provider.google ? m_secret->fingerprint() : 0;
    m_canSwitchAuth = m_state.learned.canSwitchAuth(m_provider, keyId, fingerprint);
    const AuthStyle auth = m_state.learned.authFor(m_provider, keyId, fingerprint);
    m_call = m_state.upstream.start(upstreamRequest(auth), this);
    m_call->setDeadline(remaining);
}

void Attempt::pause()
{
    if (m_call)
        m_call->pause();
}

void Attempt::resume()
{
    if (m_call)
        m_call->resume();
}

void Attempt::upstreamSent()
{
    m_sentAt = std::chrono::steady_clock::now();
    m_owner.attemptSent();
}

void Attempt::upstreamHead(int status, const std::vector<NamedValue> &headers)
{
    m_result.status = status;
    if (m_sentAt) {
        m_result.feedback.latency = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - *m_sentAt);
    }
    m_contentType = valueOf(headers, "content-type");
    if (status < 200 || status > 299) {
        m_mode = Mode::Error;
        m_headers = headers;
        return;
    }
    const std::string_view length = valueOf(headers, "content-length");
    std::int64_t bytes = 0;
    if (std::from_chars(length.data(), length.data() + length.size(), bytes).ec == std::errc{} && bytes >= 0)
        m_length = bytes;
    const bool saysJson = m_contentType.find("json") != std::string::npos;
    if (m_request->head.stream && !saysJson) {
        m_mode = Mode::Stream;
        m_watch.emplace(m_hideUsage);
        return;
    }
    if (m_length)
        m_buffer.reserve(std::min<std::size_t>(std::size_t(*m_length), plainLookBound));
}

void Attempt::upstreamData(std::string_view bytes)
{
    switch (m_mode) {
    case Mode::Error:
        m_buffer.append(bytes.substr(0, errorBodyBound - std::min(errorBodyBound, m_buffer.size())));
        return;
    case Mode::Plain:
        plainData(bytes);
        return;
    case Mode::PlainPassing:
        passPlain(bytes);
        return;
    case Mode::Stream:
        streamData(bytes);
        return;
    }
}

void Attempt::plainData(std::string_view bytes)
{
    m_buffer.append(bytes);
    if (m_buffer.size() <= plainLookBound)
        return;
    if (m_request->head.stream) {
        end(broken("answered a stream request with a plain answer"));
        return;
    }
    m_mode = Mode::PlainPassing;
    m_usable = true;
    m_call->setDeadline(Millis(0));
    m_owner.attemptUsable(m_contentType, m_length);
    const std::string first = std::exchange(m_buffer, {});
    m_result.usage = findUsage(std::string_view(first).substr(0, usageBound)); // some tell it before their content
    passPlain(first);
}

/// Keeps the last bytes, where the usage stands behind the content.
void Attempt::passPlain(std::string_view bytes)
{
    if (bytes.size() >= usageBound)
        m_lastSeen.clear();
    else if (m_lastSeen.size() + bytes.size() > 2 * usageBound)
        m_lastSeen.erase(0, m_lastSeen.size() - usageBound);
    m_lastSeen.append(bytes.substr(bytes.size() - std::min(bytes.size(), usageBound)));
    m_owner.attemptBytes(bytes);
}

void Attempt::streamData(std::string_view bytes)
{
    std::vector<std::string_view> pieces;
    m_watch->feed(bytes, pieces);
    if (m_watch->first() == ChatStreamWatch::First::Unusable) {
        endUnusable(m_watch->look());
        return;
    }
    if (m_watch->first() == ChatStreamWatch::First::Pending) {
        for (std::string_view piece : pieces)
            m_buffer.append(piece);
        if (m_buffer.size() > beforeFirstEventBound)
            end(broken("sent more than 1 MiB before the first event"));
        return;
    }
    // Comments alone must not keep a stream alive for ever: every real event moves the end, nothing else does.
    if (bytes.find("data") != std::string_view::npos)
        m_call->setDeadline(m_pool->config().routing.deadline);
    deliver(pieces);
}

void Attempt::deliver(const std::vector<std::string_view> &pieces)
{
    if (!m_usable) {
        m_usable = true;
        m_owner.attemptUsable("text/event-stream", std::nullopt);
        if (!m_buffer.empty()) {
            const std::string early = std::exchange(m_buffer, {});
            m_owner.attemptBytes(early);
        }
    }
    for (std::string_view piece : pieces)
        m_owner.attemptBytes(piece);
}

void Attempt::upstreamDone(const UpstreamEnd &how)
{
    if (m_mode == Mode::Stream && m_result.status != 0) {
        streamDone(how);
        return;
    }
    if (m_mode == Mode::Error) {
        endWithStatus(); // also when its body was cut: the status says enough
    } else if (!how.complete) {
        end({.klass = how.failure, .detail = how.why});
    } else {
        plainDone();
    }
}

void Attempt::plainDone()
{
    if (m_mode == Mode::PlainPassing) {
        if (const auto usage = findUsage(m_lastSeen))
            m_result.usage = usage;
        end({.klass = AnswerClass::Success});
        return;
    }
    const AnswerLook look = lookAtAnswer(m_buffer, m_request->endpoint);
    if (!look.usable) {
        endUnusable(look);
        return;
    }
    if (m_request->head.stream) {
        end(broken("answered a stream request with a plain answer"));
        return;
    }
    m_result.usage = look.usage;
    m_usable = true;
    m_owner.attemptWhole(m_contentType, m_buffer);
    end({.klass = AnswerClass::Success});
}

void Attempt::streamDone(const UpstreamEnd &how)
{
    std::vector<std::string_view> pieces;
    const bool whole = m_watch->finish(pieces);
    m_result.usage = m_watch->usage();
    m_result.answerTextBytes = m_watch->textBytes();
    if (m_watch->first() != ChatStreamWatch::First::Usable) {
        if (m_watch->first() == ChatStreamWatch::First::Unusable) {
            endUnusable(m_watch->look());
        } else if (how.complete) {
            end(broken("sent a stream without an event"));
        } else {
            end({.klass = how.failure, .detail = how.why});
        }
        return;
    }
    deliver(pieces);
    if (!how.complete) {
        end({.klass = how.failure, .detail = how.why});
    } else if (m_watch->errorLater()) {
        end(broken("sent an error within the stream"));
    } else if (!whole) {
        end(broken("ended the stream before its end"));
    } else {
        end({.klass = AnswerClass::Success});
    }
}

void Attempt::endWithStatus()
{
    const TimePoint now = m_state.clock.now();
    AnswerFacts facts;
    facts.status = m_result.status;
    facts.headers = std::move(m_headers);
    facts.error = readErrorBody(m_buffer, now);
    facts.google = m_provider.google;
    facts.canSwitchAuth = m_canSwitchAuth;
    Feedback feedback = classify(facts, now);
    if (m_result.status < 400) {
        // Redirects are not followed: a credential must not travel to an address nobody configured.
        feedback = broken("answered with status " + std::to_string(m_result.status));
    }
    m_result.error = std::move(facts.error);
    end(std::move(feedback));
}

void Attempt::endUnusable(const AnswerLook &look)
{
    if (!look.error) {
        end(broken(look.why));
        return;
    }
    const TimePoint now = m_state.clock.now();
    AnswerFacts facts;
    facts.status = look.innerStatus >= 400 && look.innerStatus < 600 ? look.innerStatus : 500;
    facts.error = *look.error;
    facts.google = m_provider.google;
    facts.canSwitchAuth = m_canSwitchAuth;
    m_result.error = *look.error;
    m_result.status = facts.status;
    Feedback feedback = classify(facts, now);
    if (feedback.klass == AnswerClass::Overload)
        feedback.klass = AnswerClass::Broken;
    end(std::move(feedback));
}

Feedback Attempt::broken(std::string why) const
{
    Feedback feedback;
    feedback.klass = AnswerClass::Broken;
    feedback.detail = std::move(why);
    return feedback;
}

void Attempt::end(Feedback feedback)
{
    feedback.latency = m_result.feedback.latency;
    feedback.detail = redacted(feedback.detail, m_secret ? m_secret->reveal() : std::string_view());
    m_result.error.message = redacted(m_result.error.message, m_secret ? m_secret->reveal() : std::string_view());
    m_result.feedback = std::move(feedback);
    const AttemptResult result = std::move(m_result);
    m_owner.attemptEnded(result);
}

} // namespace keymux
