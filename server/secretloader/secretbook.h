// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"
#include "core/keysets.h"
#include "core/result.h"
#include "secrets/secret.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace keymux {

/// References are read by lanes, so that a source that hangs holds up nobody else's.
enum class SecretLane : std::uint8_t { Local, Keychain, Infisical, Vault };
inline constexpr int secretLaneCount = 4;

/// The lane a reference is read in first; what is no reference is a literal and local.
SecretLane laneOf(std::string_view reference);
/// The source behind a lane, as health and log name it.
std::string_view laneName(SecretLane lane);

/// One read to be done.
struct SecretTask {
    std::string reference;
    bool isSet = false; ///< the names behind its `*` are wanted
    SecretLane lane = SecretLane::Local;
};

/// What a pool config's references come to at the moment.
struct ResolvedPool {
    PoolConfig config;                                  ///< sets replaced by their keys
    std::vector<std::shared_ptr<const Secret>> secrets; ///< by key ordinal; null where unresolved or not needed
    std::vector<KeyReadiness> readiness;                ///< by key ordinal
    std::shared_ptr<const Secret> metricsToken;
    std::vector<std::string> unresolved;            ///< one sentence for each key without its secret
    std::map<std::string, std::string> unreachable; ///< sources that are down or locked, and what they say
    int missing = 0;                                ///< enabled keys without their secret
    int stale = 0;                                  ///< keys that serve with the last value that was good
    std::uint64_t version = 0;                      ///< changes when anything of this does
};

/// Everything known of the secrets that pool configs name, and when each is to be read again. Reads nothing itself and
/// is told the time. Not thread-safe.
class SecretBook {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr Time never = Time::max();

    /// What these documents name is to be known; all else is forgotten.
    void keep(std::vector<std::shared_ptr<const PoolConfig>> documents, Time now);
    /// Everything, or what stands in files and the sealed store, is read again at once.
    void readAgain(bool localOnly, Time now);

    /// Reads of a lane that are due; each is to be answered by one of the calls below.
    std::vector<SecretTask> takeDue(SecretLane lane, Time now);
    /// When takeDue() will next have something; `never` when it is not known.
    Time nextDue(SecretLane lane) const;

    /// `refresh`: when it is read again by itself; 0: only when told to. A value that was good stays in use until
    /// another is, or the source says that there is none any more.
    void tookSecret(const SecretTask &task, Result<Secret> result, Millis refresh, Time now);
    void tookSet(const SecretTask &task, Result<std::vector<std::string>> result, Millis refresh, Time now);
    /// A placeholder that was not found on this machine is to be looked for in another lane.
    void handOver(const SecretTask &task, SecretLane lane, Time now);

    /// Reads asked for and not answered yet, but those that happen by themselves.
    std::size_t unanswered() const { return m_unanswered; }
    std::uint64_t version() const { return m_version; }
    /// Changes when something became due at once, which may be another lane's to read.
    std::uint64_t asked() const { return m_asked; }
    ResolvedPool resolved(const PoolConfig &written) const;

private:
    struct Entry {
        std::shared_ptr<const Secret> secret;
        Error error; ///< of the last read; without code when it was good
        std::vector<std::string> members;
        bool isSet = false, known = false; ///< known: was answered at least once
        bool reading = false, again = false, answered = true, wanted = true;
        SecretLane lane = SecretLane::Local;
        Time due = never;
        int failures = 0;
    };

    void want(const std::string &reference, bool isSet, Time now);
    void wantAll(Time now);
    void ask(Entry &entry, const std::string &reference, Time now);
    void finish(Entry &entry, const std::string &reference, Millis refresh, Time now);
    const std::vector<std::string> *membersOf(const std::string &reference) const;
    void resolveKey(ResolvedPool &pool, const Provider &provider, const KeyEntry &key) const;
    void reportSets(ResolvedPool &pool, const PoolConfig &written) const;
    void noteUnreachable(ResolvedPool &pool, const Entry &entry) const;

    std::map<std::string, Entry> m_entries; ///< by reference
    std::vector<std::shared_ptr<const PoolConfig>> m_documents;
    std::size_t m_unanswered = 0;
    std::uint64_t m_version = 1, m_asked = 0;
};

} // namespace keymux
