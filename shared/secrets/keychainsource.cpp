// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/keychainsource.h"

#include "secrets/keyringconnection.h"

#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusReply>
#include <QEvent>
#include <QObject>
#include <QThread>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <qt6keychain/keychain.h>
#include <utility>

namespace keymux {

namespace {

const QString service = QStringLiteral("keymux");

/// A locked keyring that nobody unlocks is reported as one without the entry; the Secret Service knows better.
bool isLocked()
{
    QDBusMessage question = QDBusMessage::createMethodCall(
        QStringLiteral("org.freedesktop.secrets"), QStringLiteral("/org/freedesktop/secrets/aliases/default"),
        QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    question.setAutoStartService(false);
    question << QStringLiteral("org.freedesktop.Secret.Collection") << QStringLiteral("Locked");
    const QDBusReply<QVariant> locked = QDBusConnection::sessionBus().call(question, QDBus::Block, 2000);
    return locked.isValid() && locked.value().toBool();
}

/// How a job ended.
struct Outcome {
    QKeychain::Error error = QKeychain::OtherError;
    std::string said;
    std::string value; ///< of a read; to be wiped
};

Error errorOf(const std::string &name, const Outcome &outcome)
{
    const std::string said = outcome.said.empty() ? "" : " (" + outcome.said + ")";
    switch (outcome.error) {
    case QKeychain::EntryNotFound:
        if (isLocked())
            return {"secret_locked", "the keychain is locked, so `" + name + "` cannot be read; unlock it"};
        return {"secret_missing", "the keychain has no entry `" + name +
                                      "` of service `keymux`; add it, for instance with `secret-tool store "
                                      "--label=" +
                                      name + " server keymux user " + name + " type plaintext`"};
    case QKeychain::AccessDeniedByUser:
    case QKeychain::AccessDenied:
        return {"secret_locked",
                "the keychain does not give `" + name + "` away" + said + "; unlock it, or allow keymuxd to read it"};
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        return {"secret_unreachable", "there is no keychain here" + said +
                                          "; a system service has none: use the sealed store (`store:`) or files"};
    default:
        break;
    }
    if (outcome.said.find("ocked") != std::string::npos || outcome.said.find("rompt") != std::string::npos)
        return {"secret_locked", "the keychain is locked" + said + "; unlock it"};
    return {"secret_unreachable", "the keychain cannot be reached" + said +
                                      "; is a session bus there and a keyring running? A system service has none: use "
                                      "the sealed store (`store:`) or files"};
}

} // namespace

/// Runs jobs in its thread.
class KeychainSource::Worker : public QObject {
public:
    Worker()
    {
        moveToThread(&m_thread);
        m_thread.setObjectName(QStringLiteral("keychain"));
        m_thread.start();
    }
    ~Worker() override
    {
        m_thread.quit();
        m_thread.wait();
    }

    /// `make` makes a job and `after` looks at it when it is done; both in the thread. A job that does not end in time
    /// is left to itself: the keyring still holds on to it.
    template <typename Make, typename After>
    std::optional<Outcome> run(Make make, After after, Millis patience)
    {
        const auto promise = std::make_shared<std::promise<Outcome>>();
        auto future = promise->get_future();
        post([this, promise, make = std::move(make), after = std::move(after)] {
            auto *job = make();
            job->setInsecureFallback(false);
            connect(job, &QKeychain::Job::finished, this, [promise, job, after](QKeychain::Job *) {
                Outcome outcome{job->error(), job->errorString().toStdString(), {}};
                if (outcome.error == QKeychain::NoError)
                    after(job, outcome);
                else
                    dropKeyringConnection(); // it may be of a keyring that is gone
                promise->set_value(std::move(outcome));
            });
            job->start();
        });
        if (future.wait_for(patience) != std::future_status::ready)
            return std::nullopt;
        return future.get();
    }

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        std::function<void()> start;
        {
            const std::lock_guard lock(m_mutex);
            start = std::move(m_waiting.front());
            m_waiting.pop_front();
        }
        start();
        return true;
    }

private:
    /// Work goes over under a mutex rather than in Qt's event, whose hand-over no sanitizer can follow.
    void post(std::function<void()> start)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_waiting.push_back(std::move(start));
        }
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
    }

    std::mutex m_mutex;
    std::deque<std::function<void()>> m_waiting;
    QThread m_thread;
};

struct KeychainSource::Private {
    Millis patience;
    std::mutex mutex;
    std::unique_ptr<Worker> worker;
};

KeychainSource::KeychainSource(Millis patience) : d(std::make_unique<Private>())
{
    d->patience = patience;
}

KeychainSource::~KeychainSource() = default;

KeychainSource::Worker &KeychainSource::worker()
{
    const std::lock_guard lock(d->mutex);
    if (!d->worker)
        d->worker = std::make_unique<Worker>();
    return *d->worker;
}

namespace {

Error tookTooLong()
{
    return {"secret_locked", "the keychain does not answer: it may be locked and wait for somebody to unlock it"};
}

} // namespace

Result<Secret> KeychainSource::read(const std::string &name, const std::string & /*field*/)
{
    auto outcome = worker().run(
        [name] {
            auto *job = new QKeychain::ReadPasswordJob(service);
            job->setKey(QString::fromStdString(name));
            return job;
        },
        [](QKeychain::ReadPasswordJob *job, Outcome &result) {
            QByteArray data = job->binaryData();
            result.value = data.toStdString();
            data.fill('\0');
        },
        d->patience);
    if (!outcome)
        return tl::unexpected(tookTooLong());
    if (outcome->error != QKeychain::NoError)
        return tl::unexpected(errorOf(name, *outcome));
    auto secret = secretFrom(outcome->value, "entry `" + name + "` of the keychain");
    wipe(outcome->value);
    return secret;
}

Result<std::vector<std::string>> KeychainSource::list(const std::string & /*glob*/)
{
    return failure("secret_bad", "a keychain does not tell its entries; write one key for each");
}

Result<void> KeychainSource::write(const std::string &name, const Secret &value)
{
    const auto outcome = worker().run(
        [name, data = QByteArray(value.reveal().data(), qsizetype(value.reveal().size()))] {
            auto *job = new QKeychain::WritePasswordJob(service);
            job->setKey(QString::fromStdString(name));
            job->setTextData(QString::fromUtf8(data));
            return job;
        },
        [](QKeychain::WritePasswordJob *, Outcome &) {}, d->patience);
    if (!outcome)
        return tl::unexpected(tookTooLong());
    if (outcome->error != QKeychain::NoError)
        return tl::unexpected(errorOf(name, *outcome));
    return {};
}

Result<void> KeychainSource::remove(const std::string &name)
{
    const auto outcome = worker().run(
        [name] {
            auto *job = new QKeychain::DeletePasswordJob(service);
            job->setKey(QString::fromStdString(name));
            return job;
        },
        [](QKeychain::DeletePasswordJob *, Outcome &) {}, d->patience);
    if (!outcome)
        return tl::unexpected(tookTooLong());
    if (outcome->error != QKeychain::NoError)
        return tl::unexpected(errorOf(name, *outcome));
    return {};
}

} // namespace keymux
