// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/livesamples.h"

#include <algorithm>

namespace keymux::gui {

void LiveSamples::clear()
{
    *this = LiveSamples();
}

void LiveSamples::breakOff()
{
    m_last.clear();
    m_sinceMs = 0;
}

void LiveSamples::rebase(const LiveState &state)
{
    QStringList ids;
    m_last.clear();
    for (const LiveDeployment &d : state.deployments()) {
        ids.append(d.id);
        m_last.push_back({d.requests, d.errors, d.tpm.used});
    }
    // Rows that are others now would be counted for the wrong deployment.
    if (ids != m_ids)
        m_samples.clear();
    m_ids = ids;
    m_sinceMs = state.atMs();
    m_samples.push_back({state.atMs(), 1000, true, {}});
}

void LiveSamples::add(const LiveState &state, const LiveChange &change, int intervalMs)
{
    while (!m_samples.empty() && m_samples.front().atMs < state.atMs() - spanMs - 5000)
        m_samples.pop_front();
    if (change.all || m_last.size() != std::size_t(state.deployments().size())) {
        rebase(state);
        return;
    }
    Sample sample{state.atMs(), std::max(1, intervalMs), false, {}};
    for (const int row : change.deployments) {
        const LiveDeployment &d = state.deployments()[row];
        Counts &last = m_last[std::size_t(row)];
        sample.more.insert(row, {std::max<qint64>(0, d.requests - last.requests),
                                 std::max<qint64>(0, d.errors - last.errors), d.tpm.used - last.tokens});
        last = {d.requests, d.errors, d.tpm.used};
    }
    m_samples.push_back(std::move(sample));
}

QList<LiveSamples::Point> LiveSamples::points(const LiveState &state, qint64 nowMs, bool live,
                                              const std::function<bool(const LiveDeployment &)> &belongs) const
{
    std::vector<bool> mine;
    Point now{nowMs};
    for (const LiveDeployment &d : state.deployments()) {
        mine.push_back(belongs(d));
        now.tokens += mine.back() ? d.tpm.used : 0;
    }
    // From the newest back: of tokens only what they are now is known, and how they became so.
    QList<Point> back;
    qint64 tokens = now.tokens, nextMs = nowMs;
    for (auto it = m_samples.crbegin(); it != m_samples.crend() && nextMs >= nowMs - spanMs; ++it) {
        const bool newest = it == m_samples.crbegin();
        // Silence of more than an interval: nothing happened between.
        if ((!newest || live) && nextMs - it->atMs > it->intervalMs * 3 / 2 && (back.isEmpty() || !back.last().gap)) {
            if (newest)
                back.append({nowMs, 0, 0, tokens});
            else
                back.append({nextMs - it->intervalMs, 0, 0, tokens});
            back.append({it->atMs + it->intervalMs, 0, 0, tokens});
        }
        Point point{it->atMs, 0, 0, tokens, it->gap};
        for (auto row = it->more.cbegin(); row != it->more.cend(); ++row) {
            if (row.key() >= int(mine.size()) || !mine[std::size_t(row.key())])
                continue;
            point.attempts += 1000.0 * double(row->requests) / it->intervalMs;
            point.errors += 1000.0 * double(row->errors) / it->intervalMs;
            tokens -= row->tokens;
        }
        back.append(point);
        nextMs = it->atMs;
    }
    std::reverse(back.begin(), back.end());
    return back;
}

} // namespace keymux::gui
