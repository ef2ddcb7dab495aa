// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/eventthread.h"

#include "app/epolldispatcher.h"

#include <QCoreApplication>
#include <QEvent>
#include <QEventLoop>
#include <QThread>
#include <pthread.h>
#include <utility>

namespace keymux {

void EventThread::Inbox::put(std::function<void()> work)
{
    bool first = false;
    {
        const std::lock_guard lock(m_mutex);
        first = m_work.empty();
        m_work.push_back(std::move(work));
    }
    if (first)
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
}

void EventThread::Inbox::putLast(std::function<void()> work)
{
    {
        const std::lock_guard lock(m_mutex);
        m_work.clear();
    }
    put(std::move(work));
}

bool EventThread::Inbox::event(QEvent *event)
{
    if (event->type() != QEvent::User)
        return QObject::event(event);
    std::vector<std::function<void()>> work;
    {
        const std::lock_guard lock(m_mutex);
        work.swap(m_work);
    }
    for (const auto &each : work)
        each();
    return true;
}

EventThread::EventThread(const QString &name)
{
    const auto ready = std::make_shared<std::promise<void>>(); // shared as in run()
    m_thread = std::thread([this, ready, title = name.toUtf8().left(15)] {
        pthread_setname_np(pthread_self(), title.constData());
        QThread::currentThread()->setEventDispatcher(new EpollDispatcher); // the thread owns it
        m_inbox = std::make_unique<Inbox>();
        ready->set_value();
        QEventLoop().exec();
        m_lastWordSaid.get_future().wait();
        m_inbox.reset();
    });
    ready->get_future().wait();
}

EventThread::~EventThread()
{
    m_inbox->putLast([] { QThread::currentThread()->quit(); });
    m_lastWordSaid.set_value();
    m_thread.join();
}

void EventThread::post(std::function<void()> work)
{
    m_inbox->put(std::move(work));
}

void EventThread::run(const std::function<void()> &work)
{
    // Shared, because the waiting side may be gone while the other is still on its way out of set_value().
    const auto done = std::make_shared<std::promise<void>>();
    post([done, &work] {
        work();
        done->set_value();
    });
    done->get_future().wait();
}

} // namespace keymux
