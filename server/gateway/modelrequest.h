// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/retry.h"
#include "core/routetrace.h"
#include "gateway/attempt.h"
#include "gateway/refusal.h"

#include <QObject>
#include <QTimer>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// One client request for a model, from its body to its last byte: plan, lease, attempt, learn, fall back, relay.
/// Deletes itself when it is over; destroyed earlier it gives everything back and cuts the connection.
class ModelRequest : public QObject, public AttemptOwner {
    Q_OBJECT

public:
    /// `common` are headers every answer of this request gets (request id, CORS).
    ModelRequest(std::unique_ptr<HttpExchange> exchange, WorkerState &state, const VirtualKey &virtualKey,
                 Endpoint endpoint, std::string requestId, HeaderList common, QObject *parent);
    ~ModelRequest() override;

    void start();
    /// Ends it when its virtual key is not in this table any more, or is revoked or blocked.
    void endIfWithdrawn(const VirtualKeyTable &table);

private:
    void attemptSent() override;
    void attemptWhole(const std::string &contentType, std::string_view body) override;
    void attemptUsable(const std::string &contentType, std::optional<std::int64_t> length) override;
    void attemptBytes(std::string_view bytes) override;
    void attemptEnded(const AttemptResult &result) override;

    bool readHead();
    bool planRoute();
    bool takeKeyRoom();
    void settleKeyRoom();
    void noteCutAnswer();
    void chargeWholeAnswer();
    void noteSpend(const AttemptResult &result);
    void charge(const TokenUsage &usage, bool estimated);
    TokenUsage estimatedUsage(std::int64_t answerTextBytes) const;
    double estimatedCost() const;
    void traceAttempt(const Lease &lease, TimePoint now);
    void traceResult(const AttemptResult &result, TimePoint now);
    void traceEnd(RequestEnd end, int status, std::string code = {});
    void storeTrace();
    AcquireRequest acquireRequest() const;
    void nextAttempt();
    void refuseNoRoom(const NoRoom &noRoom);
    void refuseAllResting(TimePoint now);
    void succeeded();
    void failedAfterCommit(const AttemptResult &result);
    void decide(const AttemptResult &result, TimePoint now);
    void passOn(const AttemptResult &result);
    void settle(Feedback feedback, const AttemptResult *result = nullptr);
    std::optional<std::int64_t> tokensOf(const AttemptResult &result) const;
    HeaderList headersFor(const std::string &contentType) const;
    void refuse(const Refusal &refusal);
    void sendErrorEvent(const Refusal &refusal);
    void startHeartbeat();
    void clientGone();
    void over();

    std::unique_ptr<HttpExchange> m_exchange;
    WorkerState &m_state;
    const std::shared_ptr<const ActivePool> m_pool;
    const std::shared_ptr<const VirtualKeyTable> m_virtualKeys; ///< keeps `m_virtualKey` alive
    const VirtualKey &m_virtualKey;
    const Endpoint m_endpoint;
    const std::string m_requestId;
    const HeaderList m_common;

    std::shared_ptr<ClientRequest> m_request;
    const RoutePlan *m_plan = nullptr;
    TimePoint m_startedAt;
    TimePoint m_deadline;
    std::optional<RetryWalk> m_walk;
    std::vector<DeploymentIndex> m_tried;
    std::optional<Lease> m_lease;
    std::optional<VirtualKeyRoom::Lease> m_keyLease;
    VirtualKeyRoom::Outcome m_keyOutcome; ///< what this request cost its virtual key
    KeyFigures m_keyFigures;
    std::unique_ptr<Attempt> m_attempt;
    std::string m_lastFailure;
    int m_attempts = 0;
    bool m_countedStream = false;
    bool m_committed = false; ///< bytes of an answer went out: no retry any more
    bool m_headSent = false;  ///< status 200 went out, perhaps with heartbeats only
    bool m_paused = false;
    bool m_over = false;
    bool m_traced = false;
    RequestTrace m_trace;
    std::unique_ptr<QTimer> m_heartbeat;
};

} // namespace keymux
