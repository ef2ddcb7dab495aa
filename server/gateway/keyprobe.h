// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/feedback.h"
#include "gateway/activepool.h"
#include "upstream/upstreamclient.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// What a key's provider said when it was asked for its list of models.
struct ProbeResult {
    Feedback feedback;                              ///< Success: the key was taken; `detail` is redacted
    int status = 0;                                 ///< of the provider, 0 without an answer
    Millis latency{0};                              ///< from the call to the end of its answer
    std::optional<std::vector<std::string>> models; ///< what it listed, where that could be read
};

/// Asks a key's provider for its free list of models: one call, a second one with Google's other credential header
/// where the first was refused. On the thread of `upstream`.
class KeyProbe : private UpstreamObserver {
public:
    using Done = std::function<void(const ProbeResult &)>;

    /// `key` of `provider`, which are of that pool; `secret` may be null; after `deadline` it is over. `done` is called
    /// once, not from inside the constructor, and may destroy the probe.
    KeyProbe(UpstreamClient &upstream, std::shared_ptr<const ActivePool> pool, const Provider &provider,
             std::shared_ptr<const Secret> secret, TimePoint now, Millis deadline, Done done);

private:
    void ask(AuthStyle auth);
    void upstreamSent() override {}
    void upstreamHead(int status, const std::vector<NamedValue> &headers) override;
    void upstreamData(std::string_view bytes) override;
    void upstreamDone(const UpstreamEnd &end) override;
    void answered(bool whole);
    void refused();
    void tell(Feedback feedback);
    Millis passed() const;

    UpstreamClient &m_upstream;
    const std::shared_ptr<const ActivePool> m_pool; ///< keeps the provider alive
    const Provider &m_provider;
    const std::shared_ptr<const Secret> m_secret;
    const TimePoint m_now;
    const Millis m_deadline;
    const Done m_done;
    const std::chrono::steady_clock::time_point m_startedAt = std::chrono::steady_clock::now();

    bool m_canSwitch = false;
    ProbeResult m_result;
    std::vector<NamedValue> m_headers;
    std::string m_body;
    bool m_tooLong = false;
    std::unique_ptr<UpstreamCall> m_call; ///< last: it goes first, and with it every callback
};

} // namespace keymux
