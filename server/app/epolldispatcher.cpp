// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/epolldispatcher.h"

#include <QCoreApplication>
#include <QEvent>
#include <QSocketNotifier>
#include <QThread>
#include <algorithm>
#include <climits>
#include <sys/eventfd.h>
#include <unistd.h>

namespace keymux {

namespace {

constexpr std::uint64_t wakeTag = ~std::uint64_t(0);
constexpr std::uint32_t readerMark = 0; ///< in place of a notifier's generation, which is never 0

/// What a notifier of each type waits for. An error or a hang-up wakes all of them, as it does with poll().
constexpr std::uint32_t eventsOf[] = {EPOLLIN, EPOLLOUT, EPOLLPRI};
constexpr std::uint32_t trouble = EPOLLHUP | EPOLLERR;

} // namespace

EpollDispatcher::EpollDispatcher(QObject *parent)
    : QAbstractEventDispatcher(parent), m_epoll(epoll_create1(EPOLL_CLOEXEC)),
      m_wakeFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), m_readers(m_epoll, readerMark)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = wakeTag;
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wakeFd, &event);
}

EpollDispatcher::~EpollDispatcher()
{
    close(m_epoll);
    close(m_wakeFd);
}

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    // In this order: whoever interrupts from another thread after the second line finds m_woken cleared, and writes.
    m_woken = false;
    const bool mayWait = !m_interrupted.exchange(false) && flags.testFlag(QEventLoop::WaitForMoreEvents);
    Q_EMIT awake();
    QCoreApplication::sendPostedEvents();
    if (mayWait && !m_interrupted && !m_woken)
        Q_EMIT aboutToBlock();
    if (m_interrupted)
        return false;

    tellKernel();
    Ready ready;
    const int count = waitFor(ready, mayWait);
    m_polling.brought(count);
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = ready[std::size_t(i)];
        if (event.data.u64 == wakeTag) {
            std::uint64_t times = 0;
            [[maybe_unused]] const ssize_t taken = read(m_wakeFd, &times, sizeof times);
        } else if (!flags.testFlag(QEventLoop::ExcludeSocketNotifiers)) {
            const int fd = int(event.data.u64 & 0xffffffff);
            const auto generation = std::uint32_t(event.data.u64 >> 32);
            if (generation == readerMark)
                m_readers.dispatch(fd, event.events);
            else
                dispatchSocket(fd, generation, event.events);
        }
    }
    return fireTimers() || count > 0;
}

/// How many descriptors are ready; does not sleep at once where that pays.
int EpollDispatcher::waitFor(Ready &ready, bool mayWait)
{
    const auto look = [&](int milliseconds) {
        return epoll_wait(m_epoll, ready.data(), int(ready.size()), milliseconds);
    };
    const int longest = mayWait ? waitingTime() : 0;
    if (longest == 0 || !m_polling.worthIt())
        return look(longest);
    const auto until = Clock::now() + BusyPolling::span;
    do {
        if (const int count = look(0); count != 0) {
            m_polling.hit();
            return count;
        }
    } while (Clock::now() < until);
    m_polling.miss();
    return look(longest);
}

/// In milliseconds, rounded up: a timer never fires early.
int EpollDispatcher::waitingTime() const
{
    if (m_woken)
        return 0;
    if (m_schedule.empty())
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(m_schedule.begin()->first - Clock::now());
    return int(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
}

void EpollDispatcher::watchSocket(int fd, std::uint32_t events, SocketReader *reader)
{
    m_readers.watchSocket(fd, events, reader);
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    const int fd = int(notifier->socket());
    Watched &watched = m_watched[fd];
    if (watched.generation == 0)
        watched.generation = ++m_generation == 0 ? ++m_generation : m_generation;
    watched.notifiers[notifier->type()] = notifier;
    if (!std::exchange(watched.changed, true))
        m_changed.push_back(fd);
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    const int fd = int(notifier->socket());
    const auto it = m_watched.find(fd);
    if (it == m_watched.end() || it->second.notifiers[notifier->type()] != notifier)
        return;
    Watched &watched = it->second;
    watched.notifiers[notifier->type()] = nullptr;
    if (std::any_of(std::begin(watched.notifiers), std::end(watched.notifiers), [](auto *n) { return n != nullptr; })) {
        if (!std::exchange(watched.changed, true))
            m_changed.push_back(fd);
        return;
    }
    // At once: the descriptor may be closed next, and its number be another's before the next turn.
    if (watched.told != 0)
        epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, nullptr);
    m_watched.erase(it);
}

/// Tells the kernel what changed since the last turn. Qt asks to be told of room for writing with every write and takes
/// it back when all was taken; most changes are none by now.
void EpollDispatcher::tellKernel()
{
    for (const int fd : m_changed) {
        const auto it = m_watched.find(fd);
        if (it == m_watched.end())
            continue;
        Watched &watched = it->second;
        watched.changed = false;
        std::uint32_t wanted = 0;
        for (std::size_t type = 0; type < std::size(eventsOf); ++type)
            wanted |= watched.notifiers[type] ? eventsOf[type] : 0;
        if (wanted == watched.told)
            continue;
        epoll_event event{};
        event.events = wanted;
        event.data.u64 = std::uint64_t(watched.generation) << 32 | std::uint32_t(fd);
        if (epoll_ctl(m_epoll, watched.told != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0)
            epoll_ctl(m_epoll, watched.told != 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
        watched.told = wanted;
    }
    m_changed.clear();
}

QSocketNotifier *EpollDispatcher::notifierFor(int fd, std::uint32_t generation, int type) const
{
    const auto it = m_watched.find(fd);
    return it == m_watched.end() || it->second.generation != generation ? nullptr : it->second.notifiers[type];
}

/// Any of the handlers may remove notifiers, also those of other descriptors that are ready: each is looked up anew.
void EpollDispatcher::dispatchSocket(int fd, std::uint32_t generation, std::uint32_t events)
{
    for (int type = 0; type < int(std::size(eventsOf)); ++type) {
        if ((events & (eventsOf[type] | trouble)) == 0)
            continue;
        if (QSocketNotifier *notifier = notifierFor(fd, generation, type)) {
            QEvent event(QEvent::SockAct);
            QCoreApplication::sendEvent(notifier, &event);
        }
    }
}

void EpollDispatcher::registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject *object)
{
    unregisterTimer(timerId);
    Timer timer{.interval = std::chrono::milliseconds(interval),
                .type = timerType,
                .object = object,
                .due = {},
                .serial = ++m_serial};
    schedule(timerId, m_timers.emplace(timerId, timer).first->second, Clock::now() + timer.interval);
}

void EpollDispatcher::schedule(int id, Timer &timer, Clock::time_point due)
{
    m_schedule.erase({timer.due, id});
    timer.due = due;
    m_schedule.emplace(due, id);
}

bool EpollDispatcher::unregisterTimer(int timerId)
{
    const auto it = m_timers.find(timerId);
    if (it == m_timers.end())
        return false;
    m_schedule.erase({it->second.due, timerId});
    m_timers.erase(it);
    return true;
}

bool EpollDispatcher::unregisterTimers(QObject *object)
{
    const auto timers = registeredTimers(object);
    for (const TimerInfo &timer : timers)
        unregisterTimer(timer.timerId);
    return !timers.isEmpty();
}

QList<QAbstractEventDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject *object) const
{
    QList<TimerInfo> timers;
    for (const auto &[id, timer] : m_timers) {
        if (timer.object == object)
            timers.append(TimerInfo(id, int(timer.interval.count()), timer.type));
    }
    return timers;
}

int EpollDispatcher::remainingTime(int timerId)
{
    const auto it = m_timers.find(timerId);
    if (it == m_timers.end())
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(it->second.due - Clock::now());
    return int(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
}

/// Fires each timer that is due at most once, so that one without an interval cannot keep the rest waiting.
bool EpollDispatcher::fireTimers()
{
    if (m_schedule.empty())
        return false;
    const auto now = Clock::now();
    std::vector<std::pair<int, std::uint64_t>> due;
    for (auto it = m_schedule.begin(); it != m_schedule.end() && it->first <= now; ++it)
        due.emplace_back(it->second, m_timers.at(it->second).serial);
    for (const auto &[id, serial] : due) {
        auto it = m_timers.find(id);
        if (it == m_timers.end() || it->second.serial != serial || it->second.firing)
            continue;
        Timer &timer = it->second;
        // One that is late goes on from now instead of making up for what it missed.
        schedule(id, timer, std::max(timer.due, now - timer.interval) + timer.interval);
        timer.firing = true;
        QTimerEvent event(id);
        QCoreApplication::sendEvent(timer.object, &event);
        it = m_timers.find(id);
        if (it != m_timers.end() && it->second.serial == serial)
            it->second.firing = false;
    }
    return !due.empty();
}

/// May be called from any thread.
void EpollDispatcher::wakeUp()
{
    if (m_woken.exchange(true) || QThread::currentThread() == thread())
        return; // this thread looks at m_woken before it waits
    const std::uint64_t once = 1;
    [[maybe_unused]] const ssize_t written = write(m_wakeFd, &once, sizeof once);
}

void EpollDispatcher::interrupt()
{
    m_interrupted = true;
    wakeUp();
}

} // namespace keymux
