// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/busypolling.h"
#include "upstream/epollset.h"

#include <QAbstractEventDispatcher>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <set>
#include <sys/epoll.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace keymux {

/// The event dispatcher of a worker thread. Qt's own hands every socket of the thread to poll() again in each turn, so
/// that one event costs more the more connections there are; here the kernel keeps the set. And what a thread posts to
/// itself wakes nobody, which saves two system calls a request.
class EpollDispatcher : public QAbstractEventDispatcher, public SocketPoller {
    Q_OBJECT

public:
    explicit EpollDispatcher(QObject *parent = nullptr);
    ~EpollDispatcher() override;

    bool processEvents(QEventLoop::ProcessEventsFlags flags) override;

    void registerSocketNotifier(QSocketNotifier *notifier) override;
    void unregisterSocketNotifier(QSocketNotifier *notifier) override;

    void registerTimer(int timerId, qint64 interval, Qt::TimerType timerType, QObject *object) override;
    bool unregisterTimer(int timerId) override;
    bool unregisterTimers(QObject *object) override;
    QList<TimerInfo> registeredTimers(QObject *object) const override;
    int remainingTime(int timerId) override;

    /// The upstream client's sockets, in the same set: one wait for all.
    void watchSocket(int fd, std::uint32_t events, SocketReader *reader) override;
    void releaseSocket(int fd) override { m_readers.releaseSocket(fd); }

    void wakeUp() override;
    void interrupt() override;

private:
    using Clock = std::chrono::steady_clock;

    /// What is wanted of a descriptor, and what the kernel was told.
    struct Watched {
        QSocketNotifier *notifiers[3] = {}; ///< indexed by QSocketNotifier::Type
        std::uint32_t told = 0;
        std::uint32_t generation = 0; ///< tells a descriptor from an earlier one of the same number
        bool changed = false;
    };
    struct Timer {
        std::chrono::milliseconds interval;
        Qt::TimerType type;
        QObject *object;
        Clock::time_point due;
        std::uint64_t serial; ///< tells a timer from an earlier one of the same id
        bool firing = false;
    };

    using Ready = std::array<epoll_event, 256>;

    int waitFor(Ready &ready, bool mayWait);
    int waitingTime() const;
    void tellKernel();
    void dispatchSocket(int fd, std::uint32_t generation, std::uint32_t events);
    QSocketNotifier *notifierFor(int fd, std::uint32_t generation, int type) const;
    bool fireTimers();
    void schedule(int id, Timer &timer, Clock::time_point due);

    int m_epoll, m_wakeFd;
    EpollSet m_readers;
    BusyPolling m_polling;
    std::atomic<bool> m_woken{false}, m_interrupted{false};
    std::unordered_map<int, Watched> m_watched;
    std::vector<int> m_changed;
    std::uint32_t m_generation = 0;
    std::unordered_map<int, Timer> m_timers;
    std::set<std::pair<Clock::time_point, int>> m_schedule;
    std::uint64_t m_serial = 0;
};

} // namespace keymux
