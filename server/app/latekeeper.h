// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gateway/sharedkeys.h"
#include "gateway/sharedpool.h"
#include "store/latestore.h"

#include <map>
#include <string>
#include <unordered_map>

namespace keymux {

/// What a server that has handed over and its successor must know of each other, through LateStore: the one tells what
/// its last requests use, hold and learn, the other counts it in. One writer for what is stored whole: the successor.
/// Main thread.
class LateKeeper {
public:
    LateKeeper(SharedPool &pool, SharedKeys &keys, LateStore &store);

    /// All is stored: from here on only what changes is told, to whom takes over. Tells at once what a store does not
    /// keep: windows, short rests, what is under way.
    Result<void> begin(TimePoint now);
    /// Nobody takes over after all.
    void cancel();
    /// Tells what has changed, twice a second, and what is under way while there is any.
    void tick(TimePoint now);
    /// The last word.
    void finish(TimePoint now);

    /// Counts in what others have left; true when there was anything.
    bool take(TimePoint now);

private:
    void tell(TimePoint now);
    void noteUses(LateReport &report);
    void noteLearned(LateReport &report, TimePoint now);
    void applyHeld(TimePoint now);

    struct Holder {
        std::vector<VirtualKeyRoom::Held> keys;
        std::vector<HeldMemory> units;
        TimePoint until{};
    };

    SharedPool &m_pool;
    SharedKeys &m_keys;
    LateStore &m_store;
    const std::string m_writer;
    TimePoint m_toldAt{};
    LateReport m_untold; ///< what could not be written yet
    bool m_heldSomething = false;
    std::unordered_map<std::string, VirtualKeyRoom::Usage> m_uses; ///< as told last, by key
    std::unordered_map<std::string, DayMemory> m_days;             ///< likewise, by unit
    std::vector<RestMemory> m_rests;                               ///< likewise
    std::map<std::string, Holder> m_holders;                       ///< other servers that finish, by writer
};

} // namespace keymux
