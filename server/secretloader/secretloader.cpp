// SPDX-License-Identifier: GPL-3.0-or-later
#include "secretloader/secretloader.h"

#include "secrets/sealedstore.h"

#include <QCoreApplication>
#include <QEvent>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

namespace keymux {

namespace {

constexpr std::size_t threadsPerLane = 8;
/// After so many failures one after the other the rest of a round is not tried.
constexpr int failuresThatEndARound = 3;
constexpr auto announceEvery = std::chrono::milliseconds(200);

using SteadyClock = std::chrono::steady_clock;

} // namespace

/// Shared with the lanes, so that one that hangs in a source may outlive the loader.
struct SecretLoader::State {
    std::mutex mutex;
    std::condition_variable wake;     ///< lanes: there may be something to read
    std::condition_variable answered; ///< who waits for answers, or for the end of the lanes
    SecretBook book;
    std::shared_ptr<const SecretResolver> resolver;
    std::shared_ptr<const PoolConfig> inUse, candidate;
    SecretLoader *owner = nullptr; ///< null once it is gone
    std::uint64_t announced = 0;
    SteadyClock::time_point announcedAt{};
    int lanesRunning = secretLaneCount;

    /// With the mutex held.
    void announce(bool atOnce)
    {
        const auto now = SteadyClock::now();
        if (!owner || book.version() == announced || (!atOnce && now - announcedAt < announceEvery))
            return;
        announced = book.version();
        announcedAt = now;
        // The event carries nothing, because no sanitizer can follow what goes by way of Qt's queue.
        QCoreApplication::postEvent(owner, new QEvent(QEvent::User));
    }
    std::vector<std::shared_ptr<const PoolConfig>> documents() const
    {
        std::vector<std::shared_ptr<const PoolConfig>> all;
        for (const auto &document : {inUse, candidate}) {
            if (document)
                all.push_back(document);
        }
        return all;
    }
};

namespace {

/// One round of a lane's reads.
class Round {
public:
    template <typename State>
    static void run(State &state, const std::shared_ptr<const SecretResolver> &resolver,
                    const std::vector<SecretTask> &tasks)
    {
        Round round(*resolver);
        std::atomic<std::size_t> next = 0;
        const auto work = [&] {
            for (std::size_t i = next++; i < tasks.size(); i = next++)
                round.readOne(state, tasks[i]);
        };
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < std::min(threadsPerLane, tasks.size()); ++i)
            threads.emplace_back(work);
        work();
        for (std::thread &thread : threads)
            thread.join();
    }

private:
    explicit Round(const SecretResolver &resolver) : m_resolver(resolver) {}

    template <typename State>
    void readOne(State &state, const SecretTask &task)
    {
        const bool local = task.lane == SecretLane::Local;
        SecretSource *source = local ? nullptr : m_resolver.source(kindOf(task.lane));
        const Millis refresh = source ? source->refreshEvery() : Millis(0);
        if (task.isSet) {
            auto members = isDown() ? tl::unexpected(downError(task)) : m_resolver.list(task.reference);
            note(members ? std::string() : members.error().code);
            tell(state,
                 [&](SecretBook &book, SecretBook::Time now) { book.tookSet(task, std::move(members), refresh, now); });
            return;
        }
        auto secret =
            isDown() ? Result<Secret>(tl::unexpected(downError(task))) : m_resolver.resolve(task.reference, !local);
        note(secret ? std::string() : secret.error().code);
        tell(state, [&](SecretBook &book, SecretBook::Time now) {
            if (local && !secret && secret.error().code == "secret_missing" && mayBeElsewhere(task))
                book.handOver(task, SecretLane::Infisical, now);
            else
                book.tookSecret(task, std::move(secret), refresh, now);
        });
    }

    bool mayBeElsewhere(const SecretTask &task) const
    {
        const auto ref = parseSecretRef(task.reference);
        return ref && ref->kind == SecretRef::Kind::Placeholder && m_resolver.sources().infisical;
    }

    /// Only who has something to do is woken: there may be thousands of answers.
    template <typename State, typename Change>
    static void tell(State &state, Change change)
    {
        const std::lock_guard lock(state.mutex);
        const std::uint64_t asked = state.book.asked();
        change(state.book, SteadyClock::now());
        state.announce(false);
        if (state.book.asked() != asked)
            state.wake.notify_all();
        if (state.book.unanswered() == 0)
            state.answered.notify_all();
    }

    static SecretRef::Kind kindOf(SecretLane lane)
    {
        return lane == SecretLane::Keychain    ? SecretRef::Kind::Keychain
               : lane == SecretLane::Infisical ? SecretRef::Kind::Infisical
                                               : SecretRef::Kind::Vault;
    }
    void note(const std::string &code)
    {
        if (code == "secret_unreachable" || code == "secret_locked")
            ++m_failures;
        else
            m_failures = 0;
    }
    bool isDown() const { return m_failures >= failuresThatEndARound; }
    static Error downError(const SecretTask &task)
    {
        return {"secret_unreachable",
                std::string(laneName(task.lane)) + " could not be reached a moment ago; it is tried again soon"};
    }

    const SecretResolver &m_resolver;
    std::atomic<int> m_failures = 0;
};

} // namespace

SecretLoader::SecretLoader(MakeResolver makeResolver, QObject *parent)
    : QObject(parent), m_makeResolver(std::move(makeResolver)), m_state(std::make_shared<State>())
{
    m_state->owner = this;
    m_state->resolver = m_makeResolver(m_sources);
    for (int lane = 0; lane < secretLaneCount; ++lane)
        m_lanes.emplace_back([state = m_state, lane] { runLane(state, SecretLane(lane)); });
}

SecretLoader::~SecretLoader()
{
    bool allEnded = false;
    {
        std::unique_lock lock(m_state->mutex);
        m_state->owner = nullptr;
        for (const auto &source : {m_state->resolver->sources().infisical, m_state->resolver->sources().vault}) {
            if (source)
                source->stop();
        }
        m_state->wake.notify_all();
        allEnded =
            m_state->answered.wait_for(lock, std::chrono::seconds(2), [this] { return m_state->lanesRunning == 0; });
    }
    for (std::thread &lane : m_lanes) {
        if (allEnded)
            lane.join();
        else
            lane.detach();
    }
}

bool SecretLoader::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    Q_EMIT changed();
    return true;
}

void SecretLoader::runLane(const std::shared_ptr<State> &state, SecretLane lane)
{
    std::unique_lock lock(state->mutex);
    while (state->owner) {
        const auto tasks = state->book.takeDue(lane, SteadyClock::now());
        if (tasks.empty()) {
            const auto due = state->book.nextDue(lane);
            if (due == SecretBook::never)
                state->wake.wait(lock);
            else
                state->wake.wait_until(lock, due);
            continue;
        }
        const auto resolver = state->resolver;
        lock.unlock();
        Round::run(*state, resolver, tasks);
        lock.lock();
        state->announce(true);
    }
    --state->lanesRunning;
    state->answered.notify_all();
}

/// With the mutex held: reads by the sources this section sets up from now on.
void SecretLoader::take(const SecretSources &secrets)
{
    if (secrets == m_sources)
        return;
    m_sources = secrets;
    m_state->resolver = m_makeResolver(secrets);
    m_state->book.readAgain(false, SteadyClock::now());
}

ResolvedPool SecretLoader::load(const std::shared_ptr<const PoolConfig> &written, Millis patience)
{
    std::unique_lock lock(m_state->mutex);
    const auto now = SteadyClock::now();
    m_state->candidate = written;
    take(written->secrets);
    m_state->book.keep(m_state->documents(), now);
    m_state->book.readAgain(false, now);
    m_state->wake.notify_all();
    m_state->answered.wait_until(lock, now + patience, [this] { return m_state->book.unanswered() == 0; });
    return m_state->book.resolved(*written);
}

void SecretLoader::use(const std::shared_ptr<const PoolConfig> &written)
{
    const std::lock_guard lock(m_state->mutex);
    m_state->inUse = written;
    m_state->candidate.reset();
    m_state->book.keep(m_state->documents(), SteadyClock::now());
    take(written->secrets);
    m_state->wake.notify_all();
}

void SecretLoader::drop()
{
    const std::lock_guard lock(m_state->mutex);
    m_state->candidate.reset();
    m_state->book.keep(m_state->documents(), SteadyClock::now());
    if (m_state->inUse)
        take(m_state->inUse->secrets);
    m_state->wake.notify_all();
}

ResolvedPool SecretLoader::known(const PoolConfig &written) const
{
    const std::lock_guard lock(m_state->mutex);
    return m_state->book.resolved(written);
}

void SecretLoader::refreshFiles()
{
    const std::lock_guard lock(m_state->mutex);
    m_state->book.readAgain(true, SteadyClock::now());
    m_state->wake.notify_all();
}

std::vector<std::string> SecretLoader::files() const
{
    const std::lock_guard lock(m_state->mutex);
    std::set<std::string> files;
    if (!m_state->inUse)
        return {};
    const SecretSourceSet &sources = m_state->resolver->sources();
    const auto add = [&](const std::string &reference) {
        const auto ref = parseSecretRef(reference);
        if (!ref)
            return;
        using Kind = SecretRef::Kind;
        if (ref->kind == Kind::File && ref->isSet())
            files.insert(sources.files->pathOf(ref->name.substr(0, ref->name.rfind('/') + 1) + "."));
        else if (ref->kind == Kind::File)
            files.insert(sources.files->pathOf(ref->name));
        if (ref->kind == Kind::Placeholder) {
            for (const auto &folder : {sources.secretDir, sources.credentialsDir}) {
                if (folder)
                    files.insert(folder->pathOf(ref->name));
            }
        }
        const auto store = std::dynamic_pointer_cast<SealedStore>(sources.store);
        if (store && (ref->kind == Kind::Store || ref->kind == Kind::Placeholder))
            files.insert(store->file());
    };
    add(m_state->inUse->server.metricsToken);
    for (const PoolConfig &config : {*m_state->inUse, m_state->book.resolved(*m_state->inUse).config}) {
        for (const Provider &provider : config.providers)
            for (const KeyEntry &key : provider.keys)
                add(key.apiKey);
    }
    return {files.begin(), files.end()};
}

Result<Secret> SecretLoader::resolveNow(const std::string &reference, const SecretSources &secrets)
{
    return m_makeResolver(secrets)->resolve(reference);
}

} // namespace keymux
