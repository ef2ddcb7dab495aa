// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/livestate.h"

#include <deque>
#include <functional>
#include <vector>

namespace keymux::gui {

/// The last minute as the live feed told it, for a chart finer than the gateway's history. Pure; moments are of the
/// gateway's clock.
class LiveSamples {
public:
    static constexpr qint64 spanMs = 60000;

    /// One moment of a chart. A gap: what happened before it was not told.
    struct Point {
        qint64 atMs = 0;
        double attempts = 0, errors = 0; ///< a second
        qint64 tokens = 0;               ///< in the minute that ends here
        bool gap = false;
    };

    /// What a message changed; it tells of the last `intervalMs`.
    void add(const LiveState &state, const LiveChange &change, int intervalMs);
    /// The connection was lost, or a message was missed.
    void breakOff();
    void clear();

    /// When it began to be told without a gap; 0: it has not.
    qint64 toldSinceMs() const { return m_sinceMs; }
    /// The points up to now, of the deployments that belong. Silence while the feed is live means that nothing
    /// happened.
    QList<Point> points(const LiveState &state, qint64 nowMs, bool live,
                        const std::function<bool(const LiveDeployment &)> &belongs) const;

private:
    struct Counts {
        qint64 requests = 0, errors = 0, tokens = 0;
    };
    struct Sample {
        qint64 atMs = 0;
        int intervalMs = 1000;
        bool gap = false;
        QHash<int, Counts> more; ///< by row, what has come (or, of tokens, gone) since the sample before
    };

    void rebase(const LiveState &state);

    std::deque<Sample> m_samples;
    std::vector<Counts> m_last;
    QStringList m_ids;
    qint64 m_sinceMs = 0;
};

} // namespace keymux::gui
