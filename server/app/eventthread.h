// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace keymux {

/// A thread with an event loop to which others hand work. Work goes over under a mutex of our own rather than in Qt's
/// events, whose hand-over no sanitizer can follow. No QThread, because its wait() returns while the thread still frees
/// what libraries keep for each thread, and OpenSSL's clean-up at the end of the process must not meet that.
class EventThread {
public:
    /// The name is what the system shows of the thread, at most 15 bytes of it.
    explicit EventThread(const QString &name);
    EventThread(const EventThread &) = delete;
    EventThread &operator=(const EventThread &) = delete;
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
        /// In place of all that was not begun.
        void putLast(std::function<void()> work);

    protected:
        bool event(QEvent *event) override;

    private:
        std::mutex m_mutex;
        std::vector<std::function<void()>> m_work;
    };

    std::unique_ptr<Inbox> m_inbox;    ///< made, used and deleted in the thread
    std::promise<void> m_lastWordSaid; ///< nobody touches m_inbox any more but the thread
    std::thread m_thread;
};

} // namespace keymux
