// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dialects/answerlook.h"
#include "dialects/requesthead.h"
#include "gateway/workerstate.h"
#include "http/httpexchange.h"
#include "upstream/upstreamclient.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// What came of one attempt.
struct AttemptResult {
    Feedback feedback; ///< Success only when the whole answer went well
    int status = 0;    ///< of the provider, 0 without an answer
    ErrorFacts error;  ///< what its error body said
    std::optional<TokenUsage> usage;
    std::int64_t answerTextBytes = 0; ///< for a stream cut before its usage came
};

/// Who makes attempts: the request. After attemptEnded() nothing more is called; the attempt may be destroyed in any of
/// these.
class AttemptOwner {
public:
    virtual ~AttemptOwner() = default;
    virtual void attemptSent() = 0;
    /// A plain answer, whole and usable.
    virtual void attemptWhole(const std::string &contentType, std::string_view body) = 0;
    /// The answer can be committed to; its bytes follow.
    virtual void attemptUsable(const std::string &contentType, std::optional<std::int64_t> length) = 0;
    virtual void attemptBytes(std::string_view bytes) = 0;
    virtual void attemptEnded(const AttemptResult &result) = 0;
};

/// The client's request as every attempt of it needs it; shared with the call, which reads the body while it sends.
struct ClientRequest {
    QByteArray body;
    RequestHead head;
    HeaderList headers;
    Endpoint endpoint = Endpoint::Chat;

    std::string_view bodyView() const { return {body.constData(), std::size_t(body.size())}; }
};

/// One deployment tried once: builds the call, looks at the answer before anyone commits to it, relays it, and says
/// what it taught.
class Attempt : private UpstreamObserver {
public:
    Attempt(WorkerState &state, std::shared_ptr<const ActivePool> pool, const Deployment &deployment,
            std::shared_ptr<const ClientRequest> request, AttemptOwner &owner);

    /// Starts the call; nothing may arrive after `remaining` before the answer is committed to.
    void start(Millis remaining);
    void pause();
    void resume();

    const Deployment &deployment() const { return m_deployment; }
    const Provider &provider() const { return m_provider; }
    const std::string &keyId() const { return m_pool->router->key(m_deployment).keyId; }
    /// What the provider has counted so far: of a whole answer, or in the events of a stream up to here.
    const std::optional<TokenUsage> &usage() const { return m_watch ? m_watch->usage() : m_result.usage; }
    /// What came of it up to here; its class is Success until it ends otherwise.
    const AttemptResult &soFar() const { return m_result; }
    /// Bytes of text a stream has brought so far.
    std::int64_t textBytesSoFar() const { return m_watch ? m_watch->textBytes() : 0; }
    /// Top-level fields the client sent and this call leaves out because the provider does not know them.
    const std::vector<std::string> &droppedFields() const { return m_droppedFields; }
    bool sent() const { return m_sentAt.has_value(); }

private:
    enum class Mode : std::uint8_t { Error, Plain, PlainPassing, Stream };

    void upstreamSent() override;
    void upstreamHead(int status, const std::vector<NamedValue> &headers) override;
    void upstreamData(std::string_view bytes) override;
    void upstreamDone(const UpstreamEnd &end) override;

    BodyEdit bodyEdit();
    UpstreamRequest upstreamRequest(AuthStyle auth);
    void plainData(std::string_view bytes);
    void passPlain(std::string_view bytes);
    void streamData(std::string_view bytes);
    void deliver(const std::vector<std::string_view> &pieces);
    void plainDone();
    void streamDone(const UpstreamEnd &end);
    void endWithStatus();
    void endUnusable(const AnswerLook &look);
    void end(Feedback feedback);
    Feedback broken(std::string why) const;

    WorkerState &m_state;
    std::shared_ptr<const ActivePool> m_pool;
    const Deployment &m_deployment;
    const Provider &m_provider;
    std::shared_ptr<const Secret> m_secret;
    std::shared_ptr<const ClientRequest> m_request;
    AttemptOwner &m_owner;

    std::vector<std::string> m_droppedFields;
    Mode m_mode = Mode::Plain;
    bool m_canSwitchAuth = false;
    bool m_hideUsage = false;
    bool m_usable = false;
    AttemptResult m_result;
    std::vector<NamedValue> m_headers;
    std::string m_contentType;
    std::optional<std::int64_t> m_length;
    std::string m_buffer;   ///< an error body, a plain answer being looked at, or stream bytes before the first event
    std::string m_lastSeen; ///< the end of a plain answer that is passed on as it comes: its usage is there
    std::optional<ChatStreamWatch> m_watch;
    std::optional<std::chrono::steady_clock::time_point> m_sentAt;
    std::unique_ptr<UpstreamCall> m_call; ///< last: it goes first, and with it every callback
};

} // namespace keymux
