// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolnodes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace keymux::pool {

/// The members of a tier in the order in which they are to be picked (stride scheduling: each pick adds 1/(weight ×
/// room) to a member's virtual time), and those that rest in the order in which they wake. Entries that no longer hold
/// are dropped when they surface, so every step costs O(log n).
class TierQueue {
public:
    enum class State : std::uint8_t {
        Ready,   ///< believed to have room
        Resting, ///< until a known moment
        Blocked, ///< likewise, but it does not count as usable meanwhile
        Parked,  ///< until something is given back
        Off,     ///< as long as this config is in force
    };
    struct Member {
        Node *node = nullptr;
        LimitUnit *unit = nullptr; ///< the node's, as long as the queue lives
        double virtualTime = 0;
        std::uint32_t stamp = 0; ///< an entry of a heap holds only while it carries the member's stamp
        State state = State::Ready;
    };
    struct Resting {
        TimePoint at;
        std::uint32_t member;
    };

    /// `capacity`: the most tokens that a member could hold at all.
    TierQueue(std::vector<Node *> nodes, std::int64_t capacity);

    const std::vector<Member> &members() const { return m_members; }
    std::size_t count(State state) const { return m_counts[std::size_t(state)]; }
    std::int64_t capacity() const { return m_capacity; }

    /// Who is likely to be picked next; only a guess.
    const Member *likelyNext() const { return m_ready.empty() ? nullptr : &m_members[m_ready.front().member]; }
    /// The ready member to be tried next, or nothing.
    std::optional<std::uint32_t> top();
    /// Takes the top out of the heap for the moment; give it back with restore(), or say what it does with rest(),
    /// block(), park(), off().
    void popTop();
    void restore(std::uint32_t member) { pushReady(member); }
    /// The top was picked: it pays its stride and goes to its new place.
    void picked(std::uint32_t member, double stride);

    /// Out of the ready ones until that moment; may be said again with another moment.
    void rest(std::uint32_t member, TimePoint until);
    void block(std::uint32_t member, TimePoint until);
    void park(std::uint32_t member) { leave(member, State::Parked); }
    void off(std::uint32_t member) { leave(member, State::Off); }
    /// Ready again, before its time. Also forgets what was remembered as full, as something was given back.
    void wake(std::uint32_t member);
    /// Makes those ready whose time has come.
    void wakeDue(TimePoint now);

    /// The resting member that wakes first, or nothing; blocked ones apart.
    std::optional<Resting> firstResting();
    /// Takes it out of the heap for the moment; give it back with restoreResting().
    void popFirstResting();
    void restoreResting(const Resting &resting);

    /// Remembers that none of the ready ones had room for so much, and none will before `until` unless something
    /// is given back.
    void rememberFull(const Need &need, std::optional<TimePoint> until);
    bool isFull(const Need &need, TimePoint now) const
    {
        // The remembered moment may be too early, for a larger request or when what was pending is sent later: that is
        // worth it only where a look at all is dear.
        return m_full && m_members.size() > exactUpTo && need.counted >= m_fullFor.counted &&
               need.held >= m_fullFor.held && (!m_fullUntil || now < *m_fullUntil);
    }
    std::optional<TimePoint> fullUntil() const { return m_fullUntil; }

private:
    static constexpr std::size_t exactUpTo = 64;
    struct ReadyEntry {
        double virtualTime;
        std::uint32_t member, stamp;
        /// Ties in document order. Without a branch: which one is smaller cannot be foretold.
        bool before(const ReadyEntry &other) const
        {
            return (virtualTime < other.virtualTime) | ((virtualTime == other.virtualTime) & (member < other.member));
        }
    };
    struct RestingEntry {
        TimePoint at;
        std::uint32_t member, stamp;
        bool operator<(const RestingEntry &other) const
        {
            return at != other.at ? at > other.at : member > other.member;
        }
    };
    void leave(std::uint32_t member, State state);
    void pushReady(std::uint32_t member);
    void sink(std::size_t hole, const ReadyEntry &entry);
    void wakeDue(std::vector<RestingEntry> &heap, TimePoint now);
    void pushResting(std::vector<RestingEntry> &heap, const RestingEntry &entry);
    void dropStale(std::vector<RestingEntry> &heap);

    std::vector<Member> m_members;
    std::vector<ReadyEntry>
        m_ready; ///< a heap with four children to a parent: flat, so few cache lines on the way down
    std::vector<RestingEntry> m_resting, m_blocked;
    std::array<std::size_t, 5> m_counts{};
    double m_virtualNow = 0;
    std::int64_t m_capacity;
    Need m_fullFor;
    std::optional<TimePoint> m_fullUntil;
    bool m_full = false;
};

} // namespace keymux::pool
