// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QThread>
#include <functional>
#include <mutex>
#include <vector>

namespace keymux {

/// A thread with an event loop to which others hand work. Work goes over under a mutex of our own rather than in Qt's
/// events, whose hand-over no sanitizer can follow.
class EventThread {
public:
    explicit EventThread(const QString &name);
    /// Ends the event loop; work that was posted and not begun is dropped.
    ~EventThread();

    /// Has this done by the thread, in order of posting. From any thread; returns at once.
    void post(std::function<void()> work);
    /// The same, and waits until it is done. Never from the thread itself.
    void run(const std::function<void()> &work);

private:
    class Inbox : public QObject {
    public:
        void put(std::function<void()> work);

    protected:
        bool event(QEvent *event) override;

    private:
        std::mutex m_mutex;
        std::vector<std::function<void()>> m_work;
    };

    Inbox m_inbox; ///< lives in the thread
    QThread m_thread;
};

} // namespace keymux
