// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/poolconfig.h"
#include "core/result.h"
#include "secrets/secret.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

struct SourceRequest {
    std::string method = "GET";
    std::string url; ///< never holds a credential
    std::vector<NamedValue> headers;
    std::string credentialHeader; ///< `Authorization: Bearer `: what goes before the credential; empty: none is sent
    std::shared_ptr<const Secret> credential;
    Secret body; ///< JSON
};

struct SourceAnswer {
    int status = 0;
    std::optional<Millis> retryAfter;
    Secret body; ///< holds key material, so it is wiped
};

/// Blocking calls to a secret source. TLS is always verified, redirects are not followed, proxies of the environment
/// are not used, and an answer has at most 4 MiB: what travels here opens everything else. Thread-safe; at most 16
/// calls run at once, over connections that are kept.
class SourceHttp {
public:
    /// `caFile`: PEM certificates to verify servers with; empty: the system's.
    explicit SourceHttp(std::string caFile);
    ~SourceHttp();
    SourceHttp(const SourceHttp &) = delete;
    SourceHttp &operator=(const SourceHttp &) = delete;

    /// Error `secret_unreachable` when no whole answer came: connecting may take 5 s, all of it 15 s.
    Result<SourceAnswer> send(const SourceRequest &request);
    /// Ends the calls that run, within about a second, and refuses new ones.
    void stop();

private:
    class Call;
    void *take();
    void giveBack(void *handle);

    const std::string m_caFile;
    std::atomic<bool> m_stopped = false;
    std::mutex m_mutex;
    std::condition_variable m_free;
    std::vector<void *> m_idle;
    int m_running = 0;
};

/// The text as one part of a URL's path or query: everything but letters, digits and `-._~` is escaped. `keep` names
/// further characters that stay.
std::string urlEscaped(std::string_view text, std::string_view keep = {});

} // namespace keymux
