// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/behaviour.h"

#include <condition_variable>
#include <functional>
#include <mutex>

namespace keymux::testing {

/// One request as the upstream saw it, and what became of it.
struct UpstreamCall {
    std::size_t id = 0; ///< position in the ledger
    Moment arrived;
    std::string key;       ///< the credential as it was sent
    std::string keyHeader; ///< the header it came in, lower case; several are joined with a comma
    std::string method, path, model, body;
    Headers headers; ///< lower-case names
    bool stream = false;
    int status = 0;                   ///< 0: none was sent
    std::int64_t bytesSent = 0;       ///< of the answer, head included
    std::string answer;               ///< the body that was sent, its first MiB
    std::vector<Moment> eventTimes;   ///< when each event of a stream was written
    std::optional<Moment> peerClosed; ///< when the caller left before the answer was whole
    bool finished = false;

    std::string_view header(std::string_view name) const;
};

/// Every request the upstream got, in order of arrival. Any thread may ask.
class Ledger {
public:
    std::size_t add(UpstreamCall call);
    void update(std::size_t id, const std::function<void(UpstreamCall &)> &change);

    std::vector<UpstreamCall> calls() const;
    UpstreamCall call(std::size_t id) const;
    std::size_t count() const;
    std::size_t countOf(const std::string &key, const std::string &model = "*") const;
    /// `key/model status` of each call, in order.
    std::vector<std::string> walk() const;
    /// The most requests of that key (and model) in any 60 seconds.
    std::size_t maxInAnyMinute(const std::string &key, const std::string &model = "*") const;
    /// Waits until a call satisfies the condition; false when the time ran out.
    bool waitFor(const std::function<bool(const UpstreamCall &)> &condition, Ms timeout = Ms(10000)) const;
    void clear();

private:
    mutable std::mutex m_mutex;
    mutable std::condition_variable m_changed;
    std::vector<UpstreamCall> m_calls;
    std::size_t m_firstId = 0; ///< calls before it were cleared
};

} // namespace keymux::testing
