// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/eventthread.h"

#include <QTest>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <pthread.h>
#include <thread>
#include <vector>

using namespace keymux;

namespace {

std::atomic<bool> cleaned{false};

/// As a library does that keeps something for each thread, only slower.
void cleanUp(void *)
{
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cleaned = true;
}

} // namespace

class TestEventThread : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void doesWhatIsPostedInOrderInItsThread()
    {
        EventThread thread(QStringLiteral("in-order"));
        std::vector<int> done;
        std::thread::id where;
        for (int i = 0; i < 1000; ++i)
            thread.post([&, i] { done.push_back(i); });
        thread.run([&] { where = std::this_thread::get_id(); });
        QCOMPARE(done.size(), 1000U);
        QVERIFY(std::is_sorted(done.begin(), done.end()));
        QVERIFY(where != std::this_thread::get_id());
    }

    void hasAnEventLoopWithTimers()
    {
        EventThread thread(QStringLiteral("timers"));
        std::promise<void> fired;
        QObject *context = nullptr;
        thread.run([&] {
            context = new QObject;
            QTimer::singleShot(1, context, [&] { fired.set_value(); });
        });
        QCOMPARE(fired.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
        thread.run([&] { delete context; });
    }

    void theSystemShowsItsName()
    {
        EventThread thread(QStringLiteral("a-name-of-more-than-15-bytes"));
        char name[16] = {};
        thread.run([&] { pthread_getname_np(pthread_self(), name, sizeof name); });
        QCOMPARE(QByteArray(name), QByteArray("a-name-of-more-"));
    }

    void workNotBegunIsDroppedAtTheEnd()
    {
        std::atomic<int> done = 0;
        std::promise<void> begun, mayEnd, dropped;
        auto thread = std::make_unique<EventThread>(QStringLiteral("dropping"));
        thread->post([&] {
            begun.set_value();
            mayEnd.get_future().wait();
        });
        begun.get_future().wait();
        const auto tell = [&dropped](int *) { dropped.set_value(); };
        thread->post([&done, kept = std::shared_ptr<int>(nullptr, tell)] { ++done; });
        std::thread ender([&] { thread.reset(); });
        const auto said = dropped.get_future().wait_for(std::chrono::seconds(20));
        mayEnd.set_value();
        ender.join();
        QCOMPARE(said, std::future_status::ready);
        QCOMPARE(done.load(), 0);
    }

    void isGoneWithAllThatIsKeptForItWhenItsEndWasAwaited()
    {
        pthread_key_t key{};
        QCOMPARE(pthread_key_create(&key, &cleanUp), 0);
        {
            EventThread thread(QStringLiteral("short"));
            thread.run([&] { pthread_setspecific(key, &cleaned); });
        }
        QVERIFY(cleaned);
        pthread_key_delete(key);
    }
};

QTEST_GUILESS_MAIN(TestEventThread)
#include "test_eventthread.moc"
