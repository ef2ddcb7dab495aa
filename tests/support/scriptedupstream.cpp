// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/scriptedupstream.h"

#include "support/googleerrors.h"
#include "support/upstreamconnection.h"

#include <algorithm>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keymux::testing {

namespace {

constexpr auto minute = std::chrono::seconds(60);

bool fits(const std::string &pattern, const std::string &value)
{
    return pattern == "*" || pattern == value;
}

bool fits(const Matcher &matcher, const UpstreamCall &call, const std::vector<std::string> &fields)
{
    return fits(matcher.key, call.key) && fits(matcher.model, call.model) &&
           (matcher.field.empty() || std::find(fields.begin(), fields.end(), matcher.field) != fields.end()) &&
           (matcher.header.empty() || !call.header(matcher.header).empty()) &&
           (matcher.pathEnd.empty() || call.path.ends_with(matcher.pathEnd));
}

Behaviour spent(std::string_view quotaId, std::int64_t value, const std::string &model, Clock::duration wait)
{
    const double seconds = std::max(0.0, std::chrono::duration<double>(wait).count());
    return upstream::answer(429, google::quota(quotaId, int(value), model, seconds));
}

} // namespace

ScriptedUpstream::ScriptedUpstream()
    : m_listener(Socket::listening()), m_port(m_listener.port()), m_stopFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    m_acceptor = std::thread([this] { acceptLoop(); }); // not before everything it uses is there
}

ScriptedUpstream::~ScriptedUpstream()
{
    stop();
    ::close(m_stopFd);
}

void ScriptedUpstream::stop()
{
    // Never read again, so that every thread that polls it wakes up.
    eventfd_write(m_stopFd, 1);
    if (m_acceptor.joinable())
        m_acceptor.join();
    for (Worker &worker : m_workers)
        if (worker.thread.joinable())
            worker.thread.join();
    m_workers.clear();
    m_listener.close();
}

std::string ScriptedUpstream::baseUrl() const
{
    return "http://127.0.0.1:" + std::to_string(m_port) + "/v1beta/openai";
}

void ScriptedUpstream::on(Matcher matcher, Behaviour behaviour)
{
    const std::lock_guard lock(m_mutex);
    m_rules.push_back({std::move(matcher), std::move(behaviour)});
}

void ScriptedUpstream::clearRules()
{
    const std::lock_guard lock(m_mutex);
    m_rules.clear();
}

void ScriptedUpstream::limit(const std::string &key, const std::string &model, UpstreamLimits limits)
{
    const std::lock_guard lock(m_mutex);
    m_limits.insert(m_limits.begin(), {{key, model}, limits});
}

void ScriptedUpstream::acceptLoop()
{
    const Moment never = Clock::now() + std::chrono::hours(24);
    while (m_listener.waitFor(false, never, m_stopFd) == Socket::Wait::Ready) {
        Socket socket(accept4(m_listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket.valid())
            continue;
        const int on = 1;
        setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        m_workers.remove_if([](Worker &worker) {
            if (!worker.done)
                return false;
            worker.thread.join();
            return true;
        });
        Worker &worker = m_workers.emplace_back();
        ++m_open;
        worker.thread = std::thread([this, &worker, fd = socket.release()] {
            UpstreamConnection(*this, Socket(fd)).run();
            --m_open;
            worker.done = true;
        });
    }
}

Behaviour ScriptedUpstream::decide(const UpstreamCall &call, const std::vector<std::string> &fields)
{
    const std::lock_guard lock(m_mutex);
    for (auto rule = m_rules.rbegin(); rule != m_rules.rend(); ++rule) {
        if (!fits(rule->matcher, call, fields))
            continue;
        ++rule->seen;
        if ((rule->matcher.nth != 0 && rule->seen != rule->matcher.nth) || rule->served == rule->matcher.times)
            continue;
        ++rule->served;
        return rule->behaviour;
    }
    return refusal(call).value_or(upstream::ok());
}

std::optional<Behaviour> ScriptedUpstream::refusal(const UpstreamCall &call)
{
    const auto entry = std::find_if(m_limits.begin(), m_limits.end(), [&](const auto &limit) {
        return fits(limit.first.first, call.key) && fits(limit.first.second, call.model);
    });
    if (entry == m_limits.end() || call.method != "POST")
        return std::nullopt;
    const UpstreamLimits &limits = entry->second;
    Window &window = m_windows[{call.key, call.model}];
    while (!window.minute.empty() && call.arrived - window.minute.front().first >= minute)
        window.minute.pop_front();
    std::int64_t tokens = 0;
    for (const auto &[at, used] : window.minute)
        tokens += used;
    const auto own = std::int64_t(call.body.size() / 4);

    std::optional<Behaviour> answer;
    const auto untilFree = [&](std::size_t index) { return window.minute[index].first + minute - call.arrived; };
    if (limits.rpd != 0 && window.today >= limits.rpd)
        answer = spent(google::requestsPerDay, limits.rpd, call.model, std::chrono::seconds(5));
    else if (limits.rpm != 0 && int(window.minute.size()) >= limits.rpm)
        answer = spent(google::requestsPerMinute, limits.rpm, call.model,
                       untilFree(window.minute.size() - std::size_t(limits.rpm)));
    else if (limits.tpm != 0 && tokens + own > limits.tpm)
        answer = spent(google::tokensPerMinute, limits.tpm, call.model,
                       window.minute.empty() ? Clock::duration(minute) : untilFree(0));
    if (!answer || limits.countRefusals) {
        window.minute.emplace_back(call.arrived, own);
        ++window.today;
    }
    return answer;
}

} // namespace keymux::testing
