// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/upstreamclient.h"

#include "log/log.h"
#include "upstream/curlsockets.h"
#include "upstream/transfer.h"

#include <QCoreApplication>
#include <QEvent>
#include <QTimer>
#include <sys/epoll.h>
#include <unordered_map>

namespace keymux {

namespace {

constexpr Millis checkInterval{100};
constexpr std::size_t spareHandles = 256;

QEvent::Type kickEvent()
{
    static const auto type = QEvent::Type(QEvent::registerEventType());
    return type;
}

} // namespace

CurlRuntime::CurlRuntime()
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

CurlRuntime::~CurlRuntime()
{
    curl_global_cleanup();
}

class UpstreamClient::Private : public SocketReader {
public:
    using TransferPtr = std::shared_ptr<Transfer>;

    /// What the outside holds of a transfer. It may outlive it: then there is nothing left to do.
    class Call : public UpstreamCall {
    public:
        Call(const TransferPtr &transfer, Private *client) : m_transfer(transfer), m_client(client) {}
        ~Call() override
        {
            if (const TransferPtr transfer = m_transfer.lock())
                m_client->cancel(transfer);
        }
        void pause() override
        {
            if (const TransferPtr transfer = m_transfer.lock())
                transfer->pause();
        }
        void resume() override
        {
            if (const TransferPtr transfer = m_transfer.lock())
                m_client->resume(transfer);
        }
        void setDeadline(Millis fromNow) override
        {
            if (const TransferPtr transfer = m_transfer.lock())
                transfer->setDeadline(fromNow);
        }

    private:
        std::weak_ptr<Transfer> m_transfer;
        Private *m_client;
    };

    explicit Private(UpstreamClient *client);
    ~Private() override;

    std::unique_ptr<UpstreamCall> start(UpstreamRequest request, UpstreamObserver *observer);
    void cancel(const TransferPtr &transfer);
    void resume(const TransferPtr &transfer);
    void kick();
    void drive(curl_socket_t socket, int events);

    bool kicked = false;
    std::unordered_map<CURL *, TransferPtr> transfers;

private:
    static int onTimer(CURLM *, long timeoutMs, void *self);
    void socketReady(int fd, std::uint32_t events) override;

    void startTimer(Transfer::Clock::time_point due);
    void timerEnded();
    CURL *takeHandle();
    void setLastingOptions(CURL *easy);
    void remove(const TransferPtr &transfer);
    void removeCancelled();
    void afterCurl();
    void reportDone();
    void checkTimes();

    UpstreamClient *q;
    CURLM *m_multi = curl_multi_init();
    CurlSockets m_sockets{m_multi, this};
    QTimer m_timer, m_check;
    std::optional<Transfer::Clock::time_point> m_timerDue; ///< when libcurl wants to be called
    Transfer::Clock::time_point m_timerEnds{};             ///< when m_timer will, which may be earlier
    int m_insideCurl = 0;                            ///< libcurl is on the stack: no handle may be added or taken away
    std::vector<TransferPtr> m_started, m_cancelled; ///< to be done once it is not
    std::vector<std::weak_ptr<Transfer>> m_resumed;
    std::vector<CURL *> m_spare;
};

UpstreamClient::Private::Private(UpstreamClient *client) : q(client)
{
    curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, &Private::onTimer);
    curl_multi_setopt(m_multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(m_multi, CURLMOPT_PIPELINING, long(CURLPIPE_MULTIPLEX));
    curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, 1024L);
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    QObject::connect(&m_timer, &QTimer::timeout, q, [this] { timerEnded(); });
    QObject::connect(&m_check, &QTimer::timeout, q, [this] { checkTimes(); });
}

UpstreamClient::Private::~Private()
{
    for (auto &[easy, transfer] : transfers) {
        transfer->cancel();
        curl_multi_remove_handle(m_multi, easy);
        curl_easy_cleanup(easy);
    }
    transfers.clear();
    for (CURL *easy : m_spare)
        curl_easy_cleanup(easy);
    curl_multi_cleanup(m_multi);
}

/// What every handle has, however often it is used.
void UpstreamClient::Private::setLastingOptions(CURL *easy)
{
    Transfer::setLastingOptions(easy);
    m_sockets.setOptions(easy);
}

CURL *UpstreamClient::Private::takeHandle()
{
    if (!m_spare.empty()) {
        CURL *easy = m_spare.back();
        m_spare.pop_back();
        return easy;
    }
    CURL *easy = curl_easy_init();
    setLastingOptions(easy);
    return easy;
}

std::unique_ptr<UpstreamCall> UpstreamClient::Private::start(UpstreamRequest request, UpstreamObserver *observer)
{
    CURL *easy = takeHandle();
    auto transfer = std::make_shared<Transfer>(easy, std::move(request), observer);
    transfers.emplace(easy, transfer);
    if (!m_check.isActive())
        m_check.start(checkInterval);
    if (m_insideCurl > 0)
        m_started.push_back(transfer);
    else
        curl_multi_add_handle(m_multi, easy);
    kick();
    return std::make_unique<Call>(transfer, this);
}

/// Runs libcurl from the event loop, before anything else that waits there: nothing is ever called back from inside
/// start().
void UpstreamClient::Private::kick()
{
    if (kicked)
        return;
    kicked = true;
    QCoreApplication::postEvent(q, new QEvent(kickEvent()), Qt::HighEventPriority);
}

void UpstreamClient::Private::cancel(const TransferPtr &transfer)
{
    if (transfer->cancelled())
        return; // also when it is over: its handle may be serving another by now
    transfer->cancel();
    if (m_insideCurl > 0)
        m_cancelled.push_back(transfer);
    else
        remove(transfer);
}

void UpstreamClient::Private::resume(const TransferPtr &transfer)
{
    if (!transfer->resume())
        return;
    m_resumed.push_back(transfer);
    kick();
}

void UpstreamClient::Private::remove(const TransferPtr &transfer)
{
    CURL *easy = transfer->easy();
    const auto it = transfers.find(easy);
    if (it == transfers.end() || it->second != transfer)
        return;                              // done already; the handle may be serving another by now
    const auto last = transfers.extract(it); // what was handed in may be the table's own pointer
    curl_multi_remove_handle(m_multi, easy);
    if (m_spare.size() >= spareHandles) {
        curl_easy_cleanup(easy);
    } else {
        if (transfer->needsReset()) {
            curl_easy_reset(easy);
            setLastingOptions(easy);
        }
        m_spare.push_back(easy);
    }
}

void UpstreamClient::Private::socketReady(int fd, std::uint32_t events)
{
    drive(fd, (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                  (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_IN | CURL_CSELECT_ERR : 0));
}

int UpstreamClient::Private::onTimer(CURLM *, long timeoutMs, void *self)
{
    auto *d = static_cast<Private *>(self);
    d->m_timerDue.reset();
    if (timeoutMs == 0)
        d->kick();
    else if (timeoutMs > 0)
        d->startTimer(Transfer::Clock::now() + Millis(timeoutMs));
    return 0;
}

/// A timer that runs already and ends earlier is left alone: libcurl moves its timeout with every call, and each call
/// ends long before it.
void UpstreamClient::Private::startTimer(Transfer::Clock::time_point due)
{
    m_timerDue = due;
    if (m_timer.isActive() && m_timerEnds <= due)
        return;
    m_timerEnds = due;
    m_timer.start(std::max(Millis(0), std::chrono::ceil<Millis>(due - Transfer::Clock::now())));
}

void UpstreamClient::Private::timerEnded()
{
    if (!m_timerDue)
        return;
    if (Transfer::Clock::now() < *m_timerDue)
        startTimer(*m_timerDue);
    else
        drive(CURL_SOCKET_TIMEOUT, 0);
}

/// Observers are called from inside curl_multi_socket_action, where libcurl refuses to be told of new or ended calls.
void UpstreamClient::Private::drive(curl_socket_t socket, int events)
{
    int running = 0;
    ++m_insideCurl;
    curl_multi_socket_action(m_multi, socket, events, &running);
    --m_insideCurl;
    afterCurl();
}

/// libcurl is off the stack: what was asked for meanwhile can be done now.
void UpstreamClient::Private::afterCurl()
{
    removeCancelled();
    for (const TransferPtr &transfer : std::exchange(m_started, {})) {
        if (!transfer->cancelled())
            curl_multi_add_handle(m_multi, transfer->easy());
    }
    for (const auto &weak : std::exchange(m_resumed, {})) {
        const TransferPtr transfer = weak.lock();
        if (!transfer || transfer->cancelled() || transfer->paused())
            continue;
        ++m_insideCurl;
        curl_easy_pause(transfer->easy(), CURLPAUSE_CONT);
        --m_insideCurl;
        kick();
    }
    removeCancelled();
    reportDone();
}

void UpstreamClient::Private::removeCancelled()
{
    for (const TransferPtr &transfer : std::exchange(m_cancelled, {}))
        remove(transfer);
}

void UpstreamClient::Private::reportDone()
{
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        const CURLcode code = message->data.result;
        const auto it = transfers.find(easy);
        if (it == transfers.end())
            continue;
        const TransferPtr transfer = it->second;
        remove(transfer);
        if (UpstreamObserver *observer = transfer->observer()) {
            transfer->forget();
            observer->upstreamDone(transfer->endOf(code));
        }
    }
}

void UpstreamClient::Private::checkTimes()
{
    if (transfers.empty()) {
        m_check.stop(); // here and not with the last call, because the next may follow at once
        return;
    }
    const auto now = Transfer::Clock::now();
    std::vector<std::pair<TransferPtr, const char *>> late;
    for (const auto &[easy, transfer] : transfers) {
        if (const char *why = transfer->cancelled() ? nullptr : transfer->expired(now))
            late.emplace_back(transfer, why);
    }
    for (const auto &[transfer, why] : late) {
        UpstreamObserver *observer = transfer->observer();
        if (!observer)
            continue; // an observer before it let go of this one, too
        transfer->cancel();
        remove(transfer);
        observer->upstreamDone({false, AnswerClass::Timeout, why});
    }
}

UpstreamClient::UpstreamClient(QObject *parent) : QObject(parent), d(std::make_unique<Private>(this)) {}

UpstreamClient::~UpstreamClient() = default;

std::unique_ptr<UpstreamCall> UpstreamClient::start(UpstreamRequest request, UpstreamObserver *observer)
{
    return d->start(std::move(request), observer);
}

int UpstreamClient::runningCalls() const
{
    return int(d->transfers.size());
}

bool UpstreamClient::event(QEvent *event)
{
    if (event->type() != kickEvent())
        return QObject::event(event);
    d->kicked = false;
    d->drive(CURL_SOCKET_TIMEOUT, 0);
    return true;
}

} // namespace keymux
