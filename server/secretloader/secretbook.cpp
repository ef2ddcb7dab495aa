// SPDX-License-Identifier: GPL-3.0-or-later
#include "secretloader/secretbook.h"

#include "core/secretref.h"

#include <algorithm>
#include <utility>

namespace keymux {

namespace {

constexpr Millis firstRetry{1000}, lastRetry{60000};

bool needsSecret(const Provider &provider, const KeyEntry &key)
{
    return provider.auth != AuthStyle::None || !key.apiKey.empty();
}

/// Does the source itself fail, or the value?
bool isUnreachable(const Error &error)
{
    return error.code == "secret_unreachable" || error.code == "secret_locked";
}

Millis retryAfter(int failures)
{
    return std::min(lastRetry, firstRetry * (1 << std::min(failures - 1, 6)));
}

} // namespace

SecretLane laneOf(std::string_view reference)
{
    const auto ref = parseSecretRef(reference);
    if (!ref)
        return SecretLane::Local;
    switch (ref->kind) {
    case SecretRef::Kind::Keychain:
        return SecretLane::Keychain;
    case SecretRef::Kind::Infisical:
        return SecretLane::Infisical;
    case SecretRef::Kind::Vault:
        return SecretLane::Vault;
    default:
        return SecretLane::Local;
    }
}

std::string_view laneName(SecretLane lane)
{
    static constexpr std::string_view names[] = {"files", "keychain", "infisical", "vault"};
    return names[int(lane)];
}

void SecretBook::keep(std::vector<std::shared_ptr<const PoolConfig>> documents, Time now)
{
    m_documents = std::move(documents);
    wantAll(now);
}

void SecretBook::want(const std::string &reference, bool isSet, Time now)
{
    const auto [it, isNew] = m_entries.try_emplace(reference);
    it->second.wanted = true;
    if (!isNew)
        return;
    it->second.isSet = isSet;
    ask(it->second, reference, now);
}

/// Has it read at once; what is being read at the moment is read once more after that.
void SecretBook::ask(Entry &entry, const std::string &reference, Time now)
{
    if (std::exchange(entry.answered, false))
        ++m_unanswered;
    entry.again = entry.reading;
    entry.lane = laneOf(reference);
    entry.due = now;
    ++m_asked;
}

void SecretBook::wantAll(Time now)
{
    for (auto &[reference, entry] : m_entries)
        entry.wanted = false;
    for (const auto &document : m_documents) {
        if (!document->server.metricsToken.empty())
            want(document->server.metricsToken, false, now);
        for (const Provider &provider : document->providers) {
            for (const KeyEntry &key : provider.keys) {
                if (!needsSecret(provider, key))
                    continue;
                const bool isSet = isKeySet(key);
                want(key.apiKey, isSet, now);
                if (!isSet)
                    continue;
                const std::vector<std::string> members = m_entries.at(key.apiKey).members;
                for (const std::string &member : members)
                    want(member, false, now);
            }
        }
    }
    std::erase_if(m_entries, [this](const auto &item) {
        const Entry &entry = item.second;
        if (entry.wanted)
            return false;
        m_unanswered -= entry.answered ? 0 : 1;
        return true;
    });
}

void SecretBook::readAgain(bool localOnly, Time now)
{
    for (auto &[reference, entry] : m_entries) {
        if (!localOnly || laneOf(reference) == SecretLane::Local)
            ask(entry, reference, now);
    }
}

std::vector<SecretTask> SecretBook::takeDue(SecretLane lane, Time now)
{
    std::vector<SecretTask> tasks;
    for (auto &[reference, entry] : m_entries) {
        if (entry.lane != lane || entry.reading || entry.due > now)
            continue;
        entry.reading = true;
        tasks.push_back({reference, entry.isSet, lane});
    }
    return tasks;
}

SecretBook::Time SecretBook::nextDue(SecretLane lane) const
{
    Time next = never;
    for (const auto &[reference, entry] : m_entries) {
        if (entry.lane == lane && !entry.reading)
            next = std::min(next, entry.due);
    }
    return next;
}

/// After an answer: when is it read next?
void SecretBook::finish(Entry &entry, const std::string &reference, Millis refresh, Time now)
{
    entry.known = true;
    entry.reading = false;
    if (std::exchange(entry.again, false)) {
        ++m_asked;
        return; // due already
    }
    if (!std::exchange(entry.answered, true))
        --m_unanswered;
    entry.failures = entry.error.code.empty() ? 0 : entry.failures + 1;
    const auto ref = parseSecretRef(reference);
    const bool changesByItself = ref && ref->kind != SecretRef::Kind::Env;
    if (entry.failures > 0 && changesByItself)
        entry.due =
            now + (refresh > Millis(0) ? std::min(refresh, retryAfter(entry.failures)) : retryAfter(entry.failures));
    else
        entry.due = refresh > Millis(0) ? now + refresh : never;
}

void SecretBook::tookSecret(const SecretTask &task, Result<Secret> result, Millis refresh, Time now)
{
    const auto it = m_entries.find(task.reference);
    if (it == m_entries.end())
        return; // nobody names it any more
    Entry &entry = it->second;
    const Error before = std::exchange(entry.error, result ? Error{} : result.error());
    bool changed = !entry.known || before.code != entry.error.code;
    if (result) {
        if (!entry.secret || !entry.secret->equals(result->reveal())) {
            entry.secret = std::make_shared<const Secret>(std::move(*result));
            changed = true;
        }
    } else if (entry.error.code == "secret_missing") {
        entry.secret.reset();
    }
    m_version += changed ? 1 : 0;
    finish(entry, task.reference, refresh, now);
}

void SecretBook::tookSet(const SecretTask &task, Result<std::vector<std::string>> result, Millis refresh, Time now)
{
    const auto it = m_entries.find(task.reference);
    if (it == m_entries.end())
        return;
    Entry &entry = it->second;
    const Error before = std::exchange(entry.error, result ? Error{} : result.error());
    bool changed = !entry.known || before.code != entry.error.code;
    std::vector<std::string> members = result ? std::move(*result) : entry.members;
    if (entry.error.code == "secret_missing")
        members.clear();
    if (members != entry.members) {
        entry.members = std::move(members);
        changed = true;
    }
    m_version += changed ? 1 : 0;
    finish(entry, task.reference, refresh, now);
    if (changed)
        wantAll(now);
}

void SecretBook::handOver(const SecretTask &task, SecretLane lane, Time now)
{
    const auto it = m_entries.find(task.reference);
    if (it == m_entries.end())
        return;
    it->second.reading = false;
    ++m_asked;
    if (std::exchange(it->second.again, false))
        return; // looked for here once more first
    it->second.lane = lane;
    it->second.due = now;
}

/// Null when nobody asked for that set.
const std::vector<std::string> *SecretBook::membersOf(const std::string &reference) const
{
    const auto found = m_entries.find(reference);
    return found == m_entries.end() ? nullptr : &found->second.members;
}

void SecretBook::noteUnreachable(ResolvedPool &pool, const Entry &entry) const
{
    if (isUnreachable(entry.error))
        pool.unreachable.try_emplace(std::string(laneName(entry.lane)), entry.error.message);
}

void SecretBook::resolveKey(ResolvedPool &pool, const Provider &provider, const KeyEntry &key) const
{
    KeyReadiness readiness;
    std::shared_ptr<const Secret> secret;
    if (needsSecret(provider, key)) {
        const auto found = m_entries.find(key.apiKey);
        const Entry *entry = found == m_entries.end() ? nullptr : &found->second;
        secret = entry ? entry->secret : nullptr;
        if (secret) {
            readiness.secretVersion = secret->fingerprint();
            pool.stale += entry->error.code.empty() ? 0 : 1;
        } else {
            readiness.resolved = false;
            pool.missing += key.enabled ? 1 : 0;
            if (key.enabled)
                pool.unresolved.push_back(
                    "key " + key.keyId + " is skipped: " +
                    (entry && entry->known ? entry->error.message : "its secret is still being looked for"));
        }
        if (entry)
            noteUnreachable(pool, *entry);
    }
    pool.readiness.push_back(readiness);
    pool.secrets.push_back(std::move(secret));
}

void SecretBook::reportSets(ResolvedPool &pool, const PoolConfig &written) const
{
    for (const Provider &provider : written.providers) {
        for (const KeyEntry &key : provider.keys) {
            if (!key.enabled || !isKeySet(key))
                continue;
            const auto found = m_entries.find(key.apiKey);
            if (found == m_entries.end() || !found->second.known)
                pool.unresolved.push_back("the set `" + key.apiKey + "` is still being looked for");
            else if (!found->second.error.code.empty())
                pool.unresolved.push_back("the set `" + key.apiKey + "` " +
                                          (found->second.members.empty() ? "has no keys" : "keeps the keys it has") +
                                          ": " + found->second.error.message);
            else if (found->second.members.empty())
                pool.unresolved.push_back("the set `" + key.apiKey + "` has no keys: nothing has such a name");
            if (found != m_entries.end())
                noteUnreachable(pool, found->second);
        }
    }
}

ResolvedPool SecretBook::resolved(const PoolConfig &written) const
{
    ResolvedPool pool;
    pool.version = m_version;
    std::map<std::string, std::vector<std::string>> joined;
    ExpandedConfig expanded =
        expandKeySets(written, [&](const std::string &reference) -> const std::vector<std::string> * {
            const std::vector<std::string> *members = membersOf(reference);
            if (!members)
                return nullptr;
            std::vector<std::string> &known = joined[reference];
            known.clear();
            std::copy_if(members->begin(), members->end(), std::back_inserter(known), [&](const std::string &member) {
                const auto found = m_entries.find(member);
                return found != m_entries.end() && found->second.known;
            });
            return &known;
        });
    pool.config = std::move(expanded.config);
    pool.unresolved = std::move(expanded.problems);
    for (const Provider &provider : pool.config.providers)
        for (const KeyEntry &key : provider.keys)
            resolveKey(pool, provider, key);
    reportSets(pool, written);
    if (const auto token = m_entries.find(written.server.metricsToken); token != m_entries.end()) {
        // It opens a door of ours: what was taken away must not work on. A source that is down says nothing of that.
        if (token->second.error.code.empty() || isUnreachable(token->second.error))
            pool.metricsToken = token->second.secret;
        if (!pool.metricsToken)
            pool.unresolved.push_back("server.metrics_token opens nothing: " + token->second.error.message);
        noteUnreachable(pool, token->second);
    }
    return pool;
}

} // namespace keymux
