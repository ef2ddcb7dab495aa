// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/ledger.h"

#include <algorithm>

namespace keymux::testing {

std::string_view UpstreamCall::header(std::string_view name) const
{
    for (const auto &[field, value] : headers)
        if (field == name)
            return value;
    return {};
}

std::size_t Ledger::add(UpstreamCall call)
{
    const std::lock_guard lock(m_mutex);
    call.id = m_firstId + m_calls.size();
    m_calls.push_back(std::move(call));
    m_changed.notify_all();
    return m_calls.back().id;
}

void Ledger::update(std::size_t id, const std::function<void(UpstreamCall &)> &change)
{
    const std::lock_guard lock(m_mutex);
    if (id < m_firstId)
        return;
    change(m_calls[id - m_firstId]);
    m_changed.notify_all();
}

std::vector<UpstreamCall> Ledger::calls() const
{
    const std::lock_guard lock(m_mutex);
    return m_calls;
}

UpstreamCall Ledger::call(std::size_t id) const
{
    const std::lock_guard lock(m_mutex);
    return m_calls.at(id - m_firstId);
}

std::size_t Ledger::count() const
{
    const std::lock_guard lock(m_mutex);
    return m_calls.size();
}

std::size_t Ledger::countOf(const std::string &key, const std::string &model) const
{
    const std::lock_guard lock(m_mutex);
    return std::size_t(std::count_if(m_calls.begin(), m_calls.end(), [&](const UpstreamCall &call) {
        return call.key == key && (model == "*" || call.model == model);
    }));
}

std::vector<std::string> Ledger::walk() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> out;
    for (const UpstreamCall &call : m_calls)
        out.push_back(call.key + "/" + call.model + " " + std::to_string(call.status));
    return out;
}

std::size_t Ledger::maxInAnyMinute(const std::string &key, const std::string &model) const
{
    std::vector<Moment> times;
    for (const UpstreamCall &call : calls())
        if ((key == "*" || call.key == key) && (model == "*" || call.model == model))
            times.push_back(call.arrived);
    std::size_t best = 0;
    for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
        while (times[last] - times[first] >= std::chrono::seconds(60))
            ++first;
        best = std::max(best, last - first + 1);
    }
    return best;
}

bool Ledger::waitFor(const std::function<bool(const UpstreamCall &)> &condition, Ms timeout) const
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, timeout, [&] { return std::any_of(m_calls.begin(), m_calls.end(), condition); });
}

void Ledger::clear()
{
    const std::lock_guard lock(m_mutex);
    m_firstId += m_calls.size();
    m_calls.clear();
}

} // namespace keymux::testing
