// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/feedback.h"
#include "core/poolconfig.h"
#include "secrets/secret.h"

#include <QObject>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// One call to a provider.
struct UpstreamRequest {
    std::string method = "POST";
    std::string url;                 ///< never holds a credential
    std::vector<NamedValue> headers; ///< without the credential and content-length
    std::string credentialHeader; ///< `Authorization: Bearer `, `x-goog-api-key: `…, with the text that goes before the
                                  ///< secret; empty: none
    std::shared_ptr<const Secret> credential;
    std::vector<std::string_view> body;    ///< pieces, sent in order without joining them
    std::shared_ptr<const void> bodyOwner; ///< keeps the pieces alive
    Timeouts timeouts;
    std::string proxy, caFile;
    /// For answers that must be able to wait for their reader: of a paused HTTP/2 stream libcurl 7.88 takes in up to 32
    /// MiB.
    bool preferHttp1 = false;
};

/// How a call ended.
struct UpstreamEnd {
    bool complete = false;                      ///< the whole answer arrived
    AnswerClass failure = AnswerClass::Network; ///< when not complete: Timeout or Network
    std::string why;                            ///< when not complete: one sentence, no secrets
};

/// Who hears of a call. Called on the client's thread, never from inside start(), and never after the call was
/// destroyed or done. The call may be destroyed in any of these.
class UpstreamObserver {
public:
    virtual ~UpstreamObserver() = default;
    /// The request is on its way to the provider; again when a dead connection made it go out twice.
    virtual void upstreamSent() = 0;
    virtual void upstreamHead(int status, const std::vector<NamedValue> &headers) = 0; ///< names lower case
    virtual void upstreamData(std::string_view bytes) = 0;
    virtual void upstreamDone(const UpstreamEnd &end) = 0;
};

/// A running call. Destroying it cancels it: the connection is closed at once.
class UpstreamCall {
public:
    virtual ~UpstreamCall() = default;
    /// Stops reading from the provider; nothing arrives before resume(), and the idle time stands still.
    virtual void pause() = 0;
    virtual void resume() = 0;
    /// Moves the end of the whole call: nothing may arrive after this many milliseconds from now; 0: no such bound.
    virtual void setDeadline(Millis fromNow) = 0;
};

/// libcurl's global state; one of these lives in main() for as long as there are clients.
class CurlRuntime {
public:
    CurlRuntime();
    ~CurlRuntime();
    CurlRuntime(const CurlRuntime &) = delete;
    CurlRuntime &operator=(const CurlRuntime &) = delete;
};

/// libcurl's multi interface on the Qt event loop of one thread: connections, DNS, TLS sessions and easy handles are
/// reused. HTTP/2 over TLS where the provider offers it, TLS always verified, no redirects followed.
class UpstreamClient : public QObject {
    Q_OBJECT

public:
    explicit UpstreamClient(QObject *parent = nullptr);
    ~UpstreamClient() override;

    /// Starts a call; the observer must outlive it.
    std::unique_ptr<UpstreamCall> start(UpstreamRequest request, UpstreamObserver *observer);

    int runningCalls() const;

protected:
    bool event(QEvent *event) override;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace keymux
