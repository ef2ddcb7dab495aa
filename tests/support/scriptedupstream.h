// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/behaviour.h"
#include "support/ledger.h"

#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <thread>

namespace keymux::testing {

/// Which requests a rule is for. `*` is any; the field and the header, when named, must be there.
struct Matcher {
    std::string key = "*";
    std::string model = "*";
    /// Only the nth request that fits the rest (1 is the first); 0 is any.
    int nth = 0;
    std::string field = {};   ///< a top-level member of the body
    std::string header = {};  ///< a lower-case header name
    std::string pathEnd = {}; ///< what the path ends with
    /// How many requests the rule serves before it retires; -1 is no end.
    int times = -1;
};

/// Limits a provider enforces for one key and model; 0 is none. Counted on the provider's own clock at arrival.
struct UpstreamLimits {
    int rpm = 0;
    std::int64_t tpm = 0;
    int rpd = 0;
    bool countRefusals = false; ///< providers count what they refuse, too
};

/// A provider on a loopback port that does what it is told and writes down what it saw. It speaks the OpenAI-compatible
/// path of Gemini under any base path, in threads of its own, so that tests may block.
class ScriptedUpstream {
public:
    ScriptedUpstream();
    ~ScriptedUpstream();
    ScriptedUpstream(const ScriptedUpstream &) = delete;
    ScriptedUpstream &operator=(const ScriptedUpstream &) = delete;

    std::uint16_t port() const { return m_port; }
    /// `http://127.0.0.1:PORT/v1beta/openai`
    std::string baseUrl() const;

    /// Of several rules that fit, the one added last decides.
    void on(Matcher matcher, Behaviour behaviour);
    void clearRules();
    /// Enforces limits for a key and model, `*` for each; a rule that fits is asked first.
    void limit(const std::string &key, const std::string &model, UpstreamLimits limits);

    Ledger &ledger() { return m_ledger; }
    const Ledger &ledger() const { return m_ledger; }
    int openConnections() const { return m_open; }
    /// Stops answering: closes the listening socket and every connection.
    void stop();

private:
    friend class UpstreamConnection;
    struct Rule {
        Matcher matcher;
        Behaviour behaviour;
        int seen = 0, served = 0;
    };
    struct Window {
        std::deque<std::pair<Moment, std::int64_t>> minute; ///< when, tokens
        int today = 0;
    };
    struct Worker {
        std::thread thread;
        std::atomic<bool> done = false;
    };

    void acceptLoop();
    /// What is to be done with this request: a rule, a limit that is spent, or a good answer.
    Behaviour decide(const UpstreamCall &call, const std::vector<std::string> &fields);
    std::optional<Behaviour> refusal(const UpstreamCall &call);

    Socket m_listener;
    std::uint16_t m_port = 0;
    int m_stopFd = -1;
    std::atomic<int> m_open = 0;
    std::thread m_acceptor;
    std::list<Worker> m_workers;
    std::mutex m_mutex;
    std::vector<Rule> m_rules;
    std::vector<std::pair<std::pair<std::string, std::string>, UpstreamLimits>> m_limits;
    std::map<std::pair<std::string, std::string>, Window> m_windows;
    Ledger m_ledger;
};

} // namespace keymux::testing
