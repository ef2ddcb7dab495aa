// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/takeoverclaim.h"
#include "app/takeoveroffer.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <QRegularExpression>
#include <array>
#include <csignal>
#include <random>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

using namespace keymux;
using namespace keymux::testing;
using Kind = TakeoverMessage::Kind;

namespace {

std::pair<TakeoverChannel, TakeoverChannel> bothEnds()
{
    int fds[2] = {-1, -1};
    ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
    return {TakeoverChannel(Descriptor(fds[0])), TakeoverChannel(Descriptor(fds[1]))};
}

void put(const TakeoverChannel &channel, std::string_view bytes)
{
    QCOMPARE(::send(channel.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), ssize_t(bytes.size()));
}

std::string errorOf(TakeoverChannel &channel)
{
    const auto message = channel.receive();
    return message ? "none" : message.error().code;
}

} // namespace

/// What the two servers of a takeover say to each other, and a running server with successors that do not keep to it.
class TakeoverTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;

    PoolText pool() const { return PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(2)}; }
    TakeoverChannel successorOf(const Daemon &daemon)
    {
        auto channel = TakeoverChannel::connect(daemon.stateFolder().string());
        return channel && *channel ? std::move(**channel) : TakeoverChannel(Descriptor());
    }
    /// Says hello and hears all until the lock.
    bool collects(TakeoverChannel &channel)
    {
        if (!channel.send({.kind = Kind::Hello, .pid = 4242}))
            return false;
        for (auto message = channel.await(Millis(10000)); message; message = channel.await(Millis(10000))) {
            if (message->kind == Kind::Lock)
                return message->descriptors.size() == 1;
        }
        return false;
    }
    std::string answerTo(TakeoverChannel &channel)
    {
        auto message = channel.await(Millis(10000));
        return message ? toText(*message) : message.error().code;
    }

private Q_SLOTS:
    void descriptorsGoAlong()
    {
        auto [one, other] = bothEnds();
        int pipe[2] = {-1, -1};
        QCOMPARE(::pipe(pipe), 0);
        const Descriptor reading(pipe[0]), writing(pipe[1]);
        const std::array lent{pipe[1]};
        QVERIFY(one.send({.kind = Kind::Sockets, .roles = {"client"}}, lent));
        auto message = other.receive();
        QVERIFY(message && *message);
        QCOMPARE((*message)->descriptors.size(), std::size_t(1));
        QCOMPARE(::write((*message)->descriptors.front().get(), "x", 1), ssize_t(1));
        char byte = 0;
        QCOMPARE(::read(pipe[0], &byte, 1), ssize_t(1));
        QVERIFY(other.receive() && !*other.receive());
        one = TakeoverChannel(Descriptor());
        QCOMPARE(errorOf(other), "gone");
        QCOMPARE(other.send({.kind = Kind::Go}).error().code, "gone");
    }

    void messagesSurviveTheWay()
    {
        for (const Kind kind : {Kind::Hello, Kind::Sockets, Kind::Lock, Kind::Prepared, Kind::Yours, Kind::Taken,
                                Kind::Go, Kind::Refused}) {
            const TakeoverMessage message{.kind = kind, .pid = kind == Kind::Hello ? 7 : 0, .reason = "because \xff"};
            const auto read = takeoverMessageFrom(toText(message));
            QVERIFY(read);
            QCOMPARE(int(read->kind), int(kind));
            QCOMPARE(read->pid, message.pid);
        }
    }

    void whatIsNoMessageIsAnError()
    {
        auto [one, other] = bothEnds();
        for (const char *text :
             {"x", "{}", "[]", "null", "{\"keymux_takeover\":1}", "{\"keymux_takeover\":\"1\",\"kind\":\"go\"}",
              "{\"keymux_takeover\":1,\"kind\":\"gone\"}", "{\"keymux_takeover\":1,\"kind\":7}",
              "{\"keymux_takeover\":1,\"kind\":\"sockets\",\"roles\":[1]}"}) {
            put(one, text);
            QCOMPARE(errorOf(other), "bad_message");
        }
        put(one, std::string(40000, 'x'));
        QCOMPARE(errorOf(other), "bad_message");
        put(one, R"({"keymux_takeover":2,"kind":"hello"})");
        QCOMPARE(errorOf(other), "other_protocol");
        put(one, R"({"keymux_takeover":2,"kind":"refused","reason":"too new"})");
        QCOMPARE((*other.receive())->reason, "too new");
    }

    void changedBytesNeverDoHarm()
    {
        std::mt19937 dice(1);
        const std::string good = toText({.kind = Kind::Sockets, .roles = {"client", "admin"}});
        for (int i = 0; i < 20000; ++i) {
            std::string text = good.substr(0, 1 + dice() % good.size());
            for (unsigned changes = dice() % 4; changes > 0; --changes)
                text[dice() % text.size()] = char(dice());
            const auto message = takeoverMessageFrom(text);
            QVERIFY(message || message.error().code == "bad_message" || message.error().code == "other_protocol");
        }
    }

    void theSocketIsItsOwnersAlone()
    {
        const TemporaryFolder folder;
        // Longer than an address of a socket may be.
        const std::filesystem::path state = folder.path() / std::string(120, 'd');
        std::filesystem::create_directories(state);
        const auto listening = TakeoverChannel::listen(state.string());
        QVERIFY2(listening, listening ? "" : listening.error().message.c_str());
        struct stat status {};
        QCOMPARE(::stat(takeoverSocketPath(state.string()).c_str(), &status), 0);
        QCOMPARE(int(status.st_mode & 0777), 0600);
        const auto channel = TakeoverChannel::connect(state.string());
        QVERIFY(channel && *channel);
        QCOMPARE((*channel)->user(), long(::getuid()));
    }

    void aSuccessorThatFailsAtAnyStepLeavesAllAsItWas()
    {
        Daemon daemon(pool().options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        for (int step = 0; step < 5; ++step) {
            TakeoverChannel channel = successorOf(daemon);
            if (step == 1)
                put(channel, "garbage");
            if (step >= 2)
                QVERIFY(collects(channel));
            if (step == 3)
                QVERIFY(channel.send({.kind = Kind::Taken})); // out of turn
            if (step == 4) {
                QVERIFY(channel.send({.kind = Kind::Prepared}));
                QVERIFY(answerTo(channel).find("yours") != std::string::npos);
            } else if (step == 1 || step == 3) {
                QVERIFY(answerTo(channel).find("refused") != std::string::npos);
            }
            channel = TakeoverChannel(Descriptor());
            if (step == 0) { // one of another version is told what to do
                TakeoverChannel other = successorOf(daemon);
                put(other, R"({"keymux_takeover":99,"kind":"hello"})");
                QVERIFY(answerTo(other).find("without --takeover") != std::string::npos);
            }
            QCOMPARE(HttpClient(daemon.url()).get("/health/readiness").status, 200);
            QCOMPARE(daemon.client().post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
            QCOMPARE(daemon.admin().get("/admin/v1/state").status, 200);
        }
        QTRY_COMPARE(jsonAt(daemon.admin().get("/admin/v1/usage?group_by=virtual_key").body, "/total/requests"), "5");
        const auto lock = StateLock::take(daemon.stateFolder().string());
        QVERIFY(!lock);
    }

    void aSuccessorThatHangsIsGivenUp()
    {
        const TemporaryFolder folder;
        const std::string state = folder.path().string();
        const auto lock = StateLock::take(state);
        QVERIFY(lock);
        int paused = 0, resumed = 0, retired = 0;
        TakeoverOffer offer(state,
                            {.sockets = [] { return std::vector<std::pair<std::string, int>>(); },
                             .lock = [&] { return lock->fd(); },
                             .pause =
                                 [&] {
                                     ++paused;
                                     return Result<void>();
                                 },
                             .resume = [&] { ++resumed; },
                             .retire = [&](long) { ++retired; }},
                            {.hello = Millis(100), .prepared = Millis(100), .taken = Millis(100)});
        QVERIFY(offer.listen());
        for (int said = 0; said < 3; ++said) {
            QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("it has taken too long")));
            auto channel = TakeoverChannel::connect(state);
            QVERIFY(channel && *channel);
            if (said > 0)
                QVERIFY((*channel)->send({.kind = Kind::Hello, .pid = 4242}));
            if (said > 1)
                QVERIFY((*channel)->send({.kind = Kind::Prepared}));
            std::string last;
            QTRY_VERIFY([&] {
                auto message = (*channel)->receive();
                if (message && *message)
                    last = toText(**message);
                return last.find("taken too long") != std::string::npos;
            }());
        }
        QCOMPARE(paused, 1);
        QCOMPARE(resumed, 1);
        QCOMPARE(retired, 0);
    }

    void aSecondSuccessorIsRefusedWhileThereIsOne()
    {
        Daemon daemon(pool().options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        TakeoverChannel first = successorOf(daemon);
        QVERIFY(collects(first));
        const auto second = TakeoverClaim::ask(daemon.stateFolder().string());
        QVERIFY(!second);
        QCOMPARE(second.error().code, "takeover_refused");
        QVERIFY2(second.error().message.find("4242 is taking over already") != std::string::npos,
                 second.error().message.c_str());
        // The first is not disturbed by that.
        QVERIFY(first.send({.kind = Kind::Prepared}));
        QVERIFY(answerTo(first).find("yours") != std::string::npos);
    }

    void anotherUserIsRefused()
    {
        if (::geteuid() != 0)
            QSKIP("only root can act as another user");
        Daemon daemon(pool().options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        // The folder keeps others out by itself, so it is opened for them here.
        for (auto folder = daemon.stateFolder(); folder != std::filesystem::temp_directory_path();
             folder = folder.parent_path())
            QCOMPARE(::chmod(folder.c_str(), 0755), 0);
        QCOMPARE(::chmod(takeoverSocketPath(daemon.stateFolder().string()).c_str(), 0666), 0);
        std::string answer;
        std::thread([&] {
            // The system call, not the library's function, is for this thread alone.
            if (::syscall(SYS_setresuid, -1, 65534, -1) != 0)
                return;
            TakeoverChannel stranger = successorOf(daemon);
            if (stranger.send({.kind = Kind::Hello, .pid = 4242}))
                answer = answerTo(stranger);
        }).join();
        QVERIFY2(answer.find("the running server is user 0's") != std::string::npos, answer.c_str());
        QVERIFY(daemon.waitForLog("a takeover was refused"));
        QCOMPARE(daemon.client().get("/v1/models").status, 200);
    }

    void aServerThatIsStoppedRefuses()
    {
        Daemon daemon(pool().options());
        TakeoverChannel channel = successorOf(daemon);
        QVERIFY(collects(channel));
        daemon.process().signal(SIGTERM);
        QVERIFY(answerTo(channel).find("being stopped") != std::string::npos);
        QCOMPARE(daemon.process().wait(), std::optional<int>(0));
    }

    void aServerThatDiesLeavesAllToItsSuccessor()
    {
        Daemon daemon(pool().options());
        auto claim = TakeoverClaim::ask(daemon.stateFolder().string());
        QVERIFY(claim && *claim);
        QCOMPARE((*claim)->takeSockets().size(), std::size_t(3)); // two workers', and the admin listener's
        daemon.process().signal(SIGKILL);
        QVERIFY(daemon.process().wait());
        QTest::ignoreMessage(QtWarningMsg, QRegularExpression(QStringLiteral("has ended while it handed over")));
        QVERIFY((*claim)->prepared());
        QVERIFY((*claim)->taken());
        const auto other = StateLock::take(daemon.stateFolder().string());
        QVERIFY(!other); // the lock is the successor's now
    }
};

QTEST_GUILESS_MAIN(TakeoverTest)
#include "test_takeover.moc"
