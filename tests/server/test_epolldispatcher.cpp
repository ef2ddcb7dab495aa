// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/epolldispatcher.h"

#include <QEventLoop>
#include <QRegularExpression>
#include <QSocketNotifier>
#include <QTest>
#include <QThread>
#include <QTimer>
#include <future>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace keymux;

namespace {

/// A thread with the dispatcher under test, which runs what it is given.
class Loop {
public:
    Loop()
    {
        m_thread.setEventDispatcher(new EpollDispatcher);
        m_context.moveToThread(&m_thread);
        m_thread.start();
    }
    ~Loop()
    {
        m_thread.quit();
        m_thread.wait();
    }
    template <typename F>
    void run(F &&work)
    {
        QMetaObject::invokeMethod(&m_context, std::forward<F>(work), Qt::BlockingQueuedConnection);
    }
    template <typename F>
    void post(F &&work)
    {
        QMetaObject::invokeMethod(&m_context, std::forward<F>(work), Qt::QueuedConnection);
    }

    QObject m_context;

private:
    QThread m_thread;
};

struct Pair {
    int ends[2] = {-1, -1};
    Pair() { (void)!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends); }
    ~Pair()
    {
        for (const int end : ends)
            ::close(end);
    }
};

bool inTime(std::future<void> &&future)
{
    return future.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
}

} // namespace

class EpollDispatcherTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void everyPostOfOtherThreadsArrives()
    {
        Loop loop;
        constexpr int posts = 20000, threads = 3;
        std::atomic<int> arrived = 0;
        std::promise<void> all;
        std::vector<std::thread> posters;
        for (int i = 0; i < threads; ++i) {
            posters.emplace_back([&] {
                for (int n = 0; n < posts; ++n) {
                    loop.post([&] {
                        if (++arrived == posts * threads)
                            all.set_value();
                    });
                }
            });
        }
        QVERIFY(inTime(all.get_future()));
        for (std::thread &poster : posters)
            poster.join();
    }

    void aThreadHearsOfWhatItPostsToItself()
    {
        Loop loop;
        std::promise<void> done;
        int left = 1000;
        std::function<void()> again = [&] {
            if (--left == 0)
                done.set_value();
            else
                loop.post(again);
        };
        loop.post(again);
        QVERIFY(inTime(done.get_future()));
    }

    void stoppingAThreadIsNeverMissed()
    {
        for (int i = 0; i < 300; ++i) {
            Loop loop;
            loop.post([&] { loop.post([] {}); });
        }
    }

    void timersFireInOrderAndNotEarly()
    {
        Loop loop;
        std::promise<void> done;
        QList<int> order;
        const auto start = std::chrono::steady_clock::now();
        loop.run([&] {
            for (const int ms : {60, 20, 40, 0}) {
                QTimer::singleShot(std::chrono::milliseconds(ms), Qt::PreciseTimer, &loop.m_context,
                                   [&order, ms, &done] {
                                       order << ms;
                                       if (ms == 60)
                                           done.set_value();
                                   });
            }
        });
        QVERIFY(inTime(done.get_future()));
        QVERIFY(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(59));
        QCOMPARE(order, QList<int>({0, 20, 40, 60}));
    }

    void aTimerWithoutIntervalLetsTheOthersLive()
    {
        Loop loop;
        std::promise<void> done;
        QTimer *busy = nullptr;
        Pair pair;
        loop.run([&] {
            busy = new QTimer(&loop.m_context);
            busy->start(0);
            auto *reader = new QSocketNotifier(pair.ends[0], QSocketNotifier::Read, &loop.m_context);
            QObject::connect(reader, &QSocketNotifier::activated, reader, [&, reader] {
                reader->setEnabled(false);
                QTimer::singleShot(std::chrono::milliseconds(5), &loop.m_context, [&] { done.set_value(); });
            });
        });
        QCOMPARE(::write(pair.ends[1], "x", 1), 1);
        QVERIFY(inTime(done.get_future()));
        loop.run([&] { delete busy; });
    }

    void remainingTimeAndTimersOfAnObjectAreKnown()
    {
        EpollDispatcher dispatcher;
        QObject object;
        dispatcher.registerTimer(7, 60000, Qt::PreciseTimer, &object);
        QVERIFY(dispatcher.remainingTime(7) > 59000 && dispatcher.remainingTime(7) <= 60000);
        QCOMPARE(dispatcher.registeredTimers(&object).size(), 1);
        QVERIFY(dispatcher.unregisterTimers(&object));
        QVERIFY(!dispatcher.unregisterTimer(7));
        QCOMPARE(dispatcher.remainingTime(7), -1);
    }

    void readAndWriteNotifiersOfOneDescriptorBothHear()
    {
        Loop loop;
        Pair pair;
        std::promise<void> read, written;
        loop.run([&] {
            auto *reader = new QSocketNotifier(pair.ends[0], QSocketNotifier::Read, &loop.m_context);
            auto *writer = new QSocketNotifier(pair.ends[0], QSocketNotifier::Write, &loop.m_context);
            QObject::connect(reader, &QSocketNotifier::activated, reader, [&, reader] {
                reader->setEnabled(false);
                read.set_value();
            });
            QObject::connect(writer, &QSocketNotifier::activated, writer, [&, writer] {
                writer->setEnabled(false);
                written.set_value();
            });
        });
        QVERIFY(inTime(written.get_future()));
        QCOMPARE(::write(pair.ends[1], "x", 1), 1);
        QVERIFY(inTime(read.get_future()));
    }

    void aNumberThatIsReusedBelongsToItsNewNotifier()
    {
        Loop loop;
        std::promise<void> done;
        Pair second;
        loop.run([&] {
            auto *first = new Pair;
            const int number = first->ends[0];
            auto *old = new QSocketNotifier(number, QSocketNotifier::Read, &loop.m_context);
            loop.m_context.thread()->eventDispatcher()->processEvents(QEventLoop::AllEvents);
            delete old;
            delete first;
            // The same number, for another socket, before the dispatcher has taken a turn.
            QCOMPARE(dup2(second.ends[0], number), number);
            auto *fresh = new QSocketNotifier(number, QSocketNotifier::Read, &loop.m_context);
            QObject::connect(fresh, &QSocketNotifier::activated, fresh, [&, fresh, number] {
                delete fresh;
                ::close(number);
                done.set_value();
            });
        });
        QCOMPARE(::write(second.ends[1], "x", 1), 1);
        QVERIFY(inTime(done.get_future()));
    }

    void aHandlerMayRemoveAnotherThatIsReadyToo()
    {
        Loop loop;
        Pair one, two;
        QCOMPARE(::write(one.ends[1], "x", 1), 1);
        QCOMPARE(::write(two.ends[1], "x", 1), 1);
        std::promise<void> done;
        int calls = 0;
        loop.run([&] {
            QSocketNotifier *notifiers[] = {new QSocketNotifier(one.ends[0], QSocketNotifier::Read),
                                            new QSocketNotifier(two.ends[0], QSocketNotifier::Read)};
            for (QSocketNotifier *notifier : notifiers) {
                QObject::connect(notifier, &QSocketNotifier::activated, &loop.m_context,
                                 [&, a = notifiers[0], b = notifiers[1]] {
                                     ++calls;
                                     a->setEnabled(false);
                                     b->setEnabled(false);
                                     a->deleteLater();
                                     b->deleteLater();
                                     QTimer::singleShot(0, &loop.m_context, [&] { done.set_value(); });
                                 });
            }
        });
        QVERIFY(inTime(done.get_future()));
        QCOMPARE(calls, 1);
    }
};

QTEST_GUILESS_MAIN(EpollDispatcherTest)
#include "test_epolldispatcher.moc"
