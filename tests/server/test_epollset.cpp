// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/epollset.h"

#include <QTest>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace keymux;

namespace {

constexpr std::uint32_t mark = 7;

struct Reader : SocketReader {
    std::vector<std::pair<int, std::uint32_t>> heard;
    void socketReady(int fd, std::uint32_t events) override { heard.emplace_back(fd, events); }
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

} // namespace

class EpollSetTest : public QObject {
    Q_OBJECT

    int m_epoll = -1;
    std::unique_ptr<EpollSet> m_set;
    Reader m_reader;

    /// One look at the kernel's set, without waiting; how many events it had.
    int turn()
    {
        epoll_event ready[8];
        const int count = epoll_wait(m_epoll, ready, 8, 0);
        for (int i = 0; i < count; ++i) {
            if (ready[i].data.u64 >> 32 != mark)
                return -1;
            m_set->dispatch(int(ready[i].data.u64 & 0xffffffff), ready[i].events);
        }
        return count;
    }

private Q_SLOTS:
    void init()
    {
        m_epoll = epoll_create1(EPOLL_CLOEXEC);
        m_set = std::make_unique<EpollSet>(m_epoll, mark);
        m_reader.heard.clear();
    }
    void cleanup()
    {
        m_set.reset();
        ::close(m_epoll);
    }

    void whatIsWantedIsReported()
    {
        const Pair pair;
        m_set->watchSocket(pair.ends[0], EPOLLIN, &m_reader);
        QCOMPARE(turn(), 0);
        QCOMPARE(::write(pair.ends[1], "x", 1), 1);
        QCOMPARE(turn(), 1);
        QCOMPARE(m_reader.heard.size(), 1U);
        QCOMPARE(m_reader.heard[0].first, pair.ends[0]);
        QVERIFY((m_reader.heard[0].second & EPOLLIN) != 0);
    }

    void whatIsNoLongerWantedIsSilentAndLeavesTheSet()
    {
        const Pair pair;
        m_set->watchSocket(pair.ends[0], EPOLLIN, &m_reader);
        m_set->watchSocket(pair.ends[0], 0, &m_reader);
        QCOMPARE(::write(pair.ends[1], "x", 1), 1);
        QCOMPARE(turn(), 1); // the kernel was not told at once
        QCOMPARE(turn(), 0); // but now it is: no loop without end
        QVERIFY(m_reader.heard.empty());
    }

    void whatIsWantedAgainIsReportedAgain()
    {
        const Pair pair;
        m_set->watchSocket(pair.ends[0], EPOLLIN, &m_reader);
        m_set->watchSocket(pair.ends[0], 0, &m_reader);
        QCOMPARE(::write(pair.ends[1], "x", 1), 1);
        QCOMPARE(turn(), 1);
        m_set->watchSocket(pair.ends[0], EPOLLIN, &m_reader);
        QCOMPARE(turn(), 1);
        QCOMPARE(m_reader.heard.size(), 1U);
    }

    void anotherEventThanTheWantedOneDoesNotSpin()
    {
        const Pair pair;
        m_set->watchSocket(pair.ends[0], EPOLLIN | EPOLLOUT, &m_reader);
        QCOMPARE(turn(), 1);
        m_set->watchSocket(pair.ends[0], EPOLLIN, &m_reader);
        QCOMPARE(turn(), 0);
        QCOMPARE(::write(pair.ends[1], "x", 1), 1);
        QCOMPARE(turn(), 1);
        QCOMPARE(m_reader.heard.size(), 2U);
    }

    void aPeerThatHangsUpIsReportedToWhoeverWaits()
    {
        Pair pair;
        m_set->watchSocket(pair.ends[0], EPOLLOUT, &m_reader);
        ::close(std::exchange(pair.ends[1], -1));
        QCOMPARE(turn(), 1);
        QVERIFY((m_reader.heard.at(0).second & EPOLLHUP) != 0);
    }

    void aPeerThatHangsUpOnAnIdleConnectionLeavesTheSet()
    {
        Pair pair;
        m_set->watchSocket(pair.ends[0], EPOLLIN, &m_reader);
        m_set->watchSocket(pair.ends[0], 0, &m_reader);
        ::close(std::exchange(pair.ends[1], -1));
        QCOMPARE(turn(), 1);
        QCOMPARE(turn(), 0);
        QVERIFY(m_reader.heard.empty());
    }

    void aNumberUsedAgainIsAnotherDescriptor()
    {
        Pair pair;
        const int number = pair.ends[0];
        m_set->watchSocket(number, EPOLLIN, &m_reader);
        m_set->releaseSocket(number);
        ::close(std::exchange(pair.ends[0], -1));
        const Pair next;
        QCOMPARE(next.ends[0], number);
        m_set->watchSocket(number, EPOLLIN, &m_reader);
        QCOMPARE(::write(next.ends[1], "x", 1), 1);
        QCOMPARE(turn(), 1);
        QCOMPARE(m_reader.heard.size(), 1U);
    }

    void whatWasReleasedMeanwhileIsPassedOver()
    {
        m_set->dispatch(4711, EPOLLIN);
        QVERIFY(m_reader.heard.empty());
    }
};

QTEST_GUILESS_MAIN(EpollSetTest)
#include "test_epollset.moc"
