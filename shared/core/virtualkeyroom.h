// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/ratewindow.h"
#include "core/virtualkey.h"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keymux {

/// A limit as a client is told of it: how much there is, how much is left, and how long until it is whole again.
struct LimitFigure {
    std::int64_t limit = 0, remaining = 0;
    Millis reset{0};

    bool operator==(const LimitFigure &) const = default;
};

/// The figures of a virtual key's limits; absent where it has none. Of a limit by the minute and a budget in the same
/// unit the one with less left is told.
struct KeyFigures {
    std::optional<LimitFigure> requests, tokens;
};

/// Why a virtual key's own limits refused a request.
struct KeyLimitReached {
    enum class Limit { Rpm, Tpm, Parallel, Budget };
    Limit limit = Limit::Rpm;
    std::optional<Millis> wait; ///< until the same request could pass; absent when that will not happen by itself
    KeyFigures figures;
};

/// `rpm_limit`, `tpm_limit`, `max_parallel`, `budget`.
std::string_view limitName(KeyLimitReached::Limit limit);

/// The virtual keys' own windows, budgets and requests in flight. It never reads a clock and never waits: every call is
/// given the time. Which limits a key has comes with each call, so that a changed key counts on from where it was.
class VirtualKeyRoom {
    struct State;

public:
    /// Room taken by one request, given back by settle() exactly once.
    class Lease {
        friend class VirtualKeyRoom;
        std::shared_ptr<State> state; ///< outlives a key that is deleted meanwhile
        TimePoint at{};
        Spend reserved;
        bool inWindow = false;
    };
    struct Admission {
        Lease lease;
        KeyFigures figures; ///< with this request counted
    };
    /// What is known of a key's use, for lists and for the store.
    struct Usage {
        std::string id;
        Spend period; ///< since `since`
        Spend total;
        TimePoint since{}; ///< the start of the budget's period; the epoch without one
        std::optional<TimePoint> lastUsedAt;

        bool operator==(const Usage &) const = default;
    };
    /// How a request ended, for its virtual key.
    struct Outcome {
        Spend spend;
        bool sent = false; ///< a provider was asked: the request stays in the minute's count whatever came of it
    };

    /// A key that was refused, for the log and the live feed.
    struct Limited {
        std::string id;
        KeyLimitReached::Limit limit;
        TimePoint at;
    };

    /// Takes room for a request of about that many tokens and that cost. What is refused changes nothing. Of a budget
    /// in tokens or dollars the last request may take more than is left, but only while no other is under way.
    tl::expected<Admission, KeyLimitReached> acquire(const VirtualKey &key, const Spend &estimate, TimePoint now);
    void settle(Lease lease, const Outcome &outcome, TimePoint now);

    /// The use of a key in the period its budget is in now; zeros when it was never used.
    Usage usage(const VirtualKey &key, TimePoint now) const;
    std::int64_t inFlight(std::string_view id) const;

    /// The refusals since the last call, of each key at most one a second.
    std::vector<Limited> takeLimited();

    /// What requests under way in another process hold of a key's limits.
    struct Held {
        std::string id;
        std::int64_t inFlight = 0;
        Spend reserved;

        bool operator==(const Held &) const = default;
    };
    /// The last minute of a key.
    struct Window {
        std::string id;
        std::vector<RateWindow::Entry> entries;

        bool operator==(const Window &) const = default;
    };
    /// The use of every key.
    std::vector<Usage> uses() const;
    /// What is under way here, of every key.
    std::vector<Held> held() const;
    /// What is under way elsewhere until told anew, and no longer than `until`: it counts as if it were ours.
    void holdElsewhere(const std::vector<Held> &held, TimePoint until);
    /// The last minute of every key, and that of another process.
    std::vector<Window> windows(TimePoint now) const;
    void addWindows(const std::vector<Window> &windows, TimePoint now);
    /// Adds what another process let a key use: `period` since `since`, `total` in all.
    void add(const std::vector<Usage> &uses);

    /// What was stored, at start.
    void restore(const std::vector<Usage> &stored);
    /// What changed since the last call.
    std::vector<Usage> takeChanged();
    /// These could not be stored: they are given out again.
    void keepChanged(const std::vector<Usage> &unsaved);
    /// Forgets all but the keys of this table.
    void keepOnly(const VirtualKeyTable &table);

private:
    struct State {
        RateWindow window;
        std::int64_t inFlight = 0;
        Spend reserved;
        Held elsewhere; ///< until the moment of all
        Usage usage;
        bool changed = false;
        TimePoint limitedNotedAt{};
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    /// Made when there is none yet.
    const std::shared_ptr<State> &stateOf(const std::string &id);
    /// The same, with its budget's period and its window as they are now.
    std::shared_ptr<State> currentStateOf(const VirtualKey &key, TimePoint now);
    static void turnPeriod(Usage &usage, const VirtualKey &key, TimePoint now);
    /// With what is under way elsewhere.
    struct UnderWay {
        std::int64_t requests = 0;
        Spend reserved;
    };
    UnderWay underWay(const State &state, TimePoint now) const;
    static std::optional<KeyLimitReached> limitReached(const State &state, const UnderWay &underWay,
                                                       const VirtualKeyLimits &limits, const Spend &estimate,
                                                       TimePoint now);
    static KeyFigures figures(const State &state, const UnderWay &underWay, const VirtualKeyLimits &limits,
                              TimePoint now);
    void noteChange(State &state, const std::shared_ptr<State> &shared);

    std::unordered_map<std::string, std::shared_ptr<State>, TextHash, std::equal_to<>> m_states;
    std::vector<std::shared_ptr<State>> m_changed;
    std::vector<Limited> m_limited;
    std::vector<std::shared_ptr<State>> m_heldElsewhere;
    TimePoint m_elsewhereUntil{};
};

} // namespace keymux
