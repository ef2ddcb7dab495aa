// SPDX-License-Identifier: GPL-3.0-or-later
#include "clients.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace keymux::bench {

namespace {

constexpr std::int64_t warmUp = 200'000'000;
constexpr int patienceMs = 10'000;
constexpr int eventsPerSecond = 50;

/// One client connection.
struct Peer {
    explicit Peer(std::uint16_t port) : fd(connectTo(port)) {}
    ~Peer() { ::close(fd); }
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    /// Takes in what is there; false when the connection ended or broke.
    bool read()
    {
        std::array<char, 65536> bytes;
        const ssize_t n = recv(fd, bytes.data(), bytes.size(), 0);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        const std::string_view got(bytes.data(), std::size_t(n));
        return n > 0 && reader.feed(got, body) == got.size() && !reader.broken();
    }
    bool send(const std::string &request) const
    {
        return ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == ssize_t(request.size());
    }

    int fd;
    int number = 0;
    std::int64_t sentAt = 0;
    std::size_t seen = 0; ///< how far the body was looked through for moments
    bool ended = false;
    MessageReader reader;
    std::string body;
};

using Peers = std::vector<std::unique_ptr<Peer>>;

std::string requestText(const Target &target, const std::string &body)
{
    std::string text = "POST " + target.path +
                       " HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: keymux-bench\r\nAccept: application/json\r\n"
                       "Content-Type: application/json\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n";
    if (!target.credential.empty())
        text += "Authorization: Bearer " + target.credential + "\r\n";
    return text + "\r\n" + body;
}

Peers connectPeers(const Target &target, int count, std::string &problem)
{
    Peers peers;
    for (int i = 0; i < count && problem.empty(); ++i) {
        peers.push_back(std::make_unique<Peer>(target.port));
        peers.back()->number = i;
        if (peers.back()->fd < 0)
            problem = "cannot connect";
    }
    return peers;
}

std::string wrongAnswer(const Peer &peer)
{
    if (peer.reader.status() != 200)
        return "status " + std::to_string(peer.reader.status()) + ": " + peer.body.substr(0, 300);
    return peer.body == chatAnswer() ? std::string() : "an answer with other bytes than the upstream's";
}

/// Adds the age of every event that came in whole.
void takeMoments(Peer &peer, std::vector<std::int64_t> &delays)
{
    const std::int64_t now = nowNs();
    for (auto end = peer.body.find('\n', peer.seen); end != std::string::npos; end = peer.body.find('\n', peer.seen)) {
        if (const auto made = momentOf(std::string_view(peer.body).substr(peer.seen, end - peer.seen)))
            delays.push_back(now - *made);
        peer.seen = end + 1;
    }
}

std::string wrongStream(const Peer &peer, int number, Upstream &upstream, std::size_t events)
{
    if (peer.reader.status() != 200)
        return "status " + std::to_string(peer.reader.status()) + ": " + peer.body.substr(0, 300);
    Digest got;
    got.feed(peer.body);
    const auto sent = upstream.sentOn(number);
    if (!sent || *sent != got)
        return "stream " + std::to_string(number) + " has other bytes than the upstream's";
    return std::size_t(std::count(peer.body.begin(), peer.body.end(), '\n')) >= 2 * events
               ? std::string()
               : "stream " + std::to_string(number) + " is too short";
}

} // namespace

Load sendRequests(const Target &target, int connections, double seconds)
{
    Load load;
    Poller poller;
    const Peers peers = connectPeers(target, connections, load.problem);
    if (!load.problem.empty())
        return load;
    const std::string request = requestText(target, chatRequest());
    const std::int64_t from = nowNs() + warmUp, until = from + std::int64_t(seconds * 1e9);
    const auto sendNext = [&](Peer &peer) {
        peer.reader.next();
        peer.body.clear();
        peer.sentAt = nowNs();
        if (!peer.send(request))
            load.problem = "cannot send";
    };
    for (const auto &peer : peers) {
        poller.add(peer->fd, std::uint64_t(peer->number));
        sendNext(*peer);
    }
    load.times.reserve(std::size_t(seconds * 40'000));
    int waiting = connections;
    for (std::int64_t last = nowNs(); waiting > 0 && load.problem.empty();) {
        bool any = false;
        poller.wait(patienceMs, [&](std::uint64_t tag, std::uint32_t) {
            Peer &peer = *peers[tag];
            any = true;
            if (!peer.read()) {
                load.problem = "the connection was cut";
            } else if (peer.reader.complete()) {
                last = nowNs();
                if (peer.sentAt >= from && last < until)
                    load.times.push_back(last - peer.sentAt);
                load.problem = wrongAnswer(peer);
                if (last < until && load.problem.empty())
                    sendNext(peer);
                else
                    --waiting;
            }
        });
        if (!any)
            load.problem = "no answer within 10 s";
    }
    load.seconds = seconds;
    std::sort(load.times.begin(), load.times.end());
    return load;
}

Streams readStreams(const Target &target, Upstream &upstream, int count, double seconds)
{
    static int firstNumber = 0; // every stream of the run has a number of its own
    const int first = std::exchange(firstNumber, firstNumber + count);
    const int events = std::max(1, int(seconds * eventsPerSecond));
    upstream.setStreamLength(events);
    Streams streams;
    Poller poller;
    const Peers peers = connectPeers(target, count, streams.problem);
    if (!streams.problem.empty())
        return streams;
    streams.delays.reserve(std::size_t(count * events));
    for (const auto &peer : peers) {
        poller.add(peer->fd, std::uint64_t(peer->number));
        peer->body.reserve(std::size_t(events + 2) * 256);
        if (!peer->send(requestText(target, chatRequest(first + peer->number))))
            streams.problem = "cannot send";
    }
    int running = count;
    while (running > 0 && streams.problem.empty()) {
        bool any = false;
        poller.wait(patienceMs, [&](std::uint64_t tag, std::uint32_t) {
            Peer &peer = *peers[tag];
            any = true;
            if (peer.ended || !streams.problem.empty())
                return;
            if (!peer.read())
                streams.problem = "a stream was cut: " + peer.body.substr(0, 300);
            takeMoments(peer, streams.delays);
            if (peer.reader.complete()) {
                peer.ended = true;
                --running;
                if (streams.problem.empty())
                    streams.problem = wrongStream(peer, first + peer.number, upstream, std::size_t(events));
            }
        });
        if (!any)
            streams.problem = "nothing came for 10 s";
    }
    std::sort(streams.delays.begin(), streams.delays.end());
    return streams;
}

double quantile(const std::vector<std::int64_t> &sorted, double share)
{
    if (sorted.empty())
        return 0;
    return double(sorted[std::min(sorted.size() - 1, std::size_t(share * double(sorted.size())))]);
}

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

} // namespace keymux::bench
