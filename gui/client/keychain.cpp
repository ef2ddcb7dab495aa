// SPDX-License-Identifier: GPL-3.0-or-later
#include "client/keychain.h"

#include "secrets/keyringconnection.h"

#include <QPointer>
#include <qt6keychain/keychain.h>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

const QString service = u"keymux"_s; // the gateway's `keychain:` references read the same

KeychainAnswer answerOf(const QKeychain::Job &job)
{
    using Failure = KeychainAnswer::Failure;
    switch (job.error()) {
    case QKeychain::NoError:
        return {};
    case QKeychain::EntryNotFound:
        return {Failure::Missing, {}, Keychain::tr("The keychain has no entry “%1”.").arg(job.key())};
    case QKeychain::AccessDenied:
    case QKeychain::AccessDeniedByUser:
        return {Failure::Locked, {}, Keychain::tr("The keychain is locked. Unlock it, then try again.")};
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        return {Failure::NoKeychain,
                {},
                Keychain::tr("There is no keychain on this desktop. Install and start one (GNOME Keyring, KWallet or "
                             "KeePassXC's Secret Service); secrets are kept nowhere else.")};
    default:
        return {Failure::Other, {}, Keychain::tr("The keychain failed: %1").arg(job.errorString())};
    }
}

/// Starts a job that deletes itself; `value` gives what a read found.
template <typename Job>
void run(Job *job, const QString &entry, QObject *context, Keychain::Handler handler)
{
    job->setAutoDelete(true);
    job->setKey(entry);
    // Without this QtKeychain would write the value to a plain settings file where no keychain is.
    job->setInsecureFallback(false);
    const QPointer<QObject> guard(context);
    QObject::connect(job, &QKeychain::Job::finished, job, [job, guard, handler = std::move(handler)] {
        KeychainAnswer answer = answerOf(*job);
        if constexpr (std::is_same_v<Job, QKeychain::ReadPasswordJob>)
            answer.value = job->textData();
        if (!answer.ok())
            dropKeyringConnection(); // it may be of a keyring that is gone
        if (guard)
            handler(answer);
    });
    job->start();
}

} // namespace

void Keychain::read(const QString &entry, QObject *context, Handler handler)
{
    run(new QKeychain::ReadPasswordJob(service, this), entry, context, std::move(handler));
}

void Keychain::write(const QString &entry, const QString &value, QObject *context, Handler handler)
{
    auto *job = new QKeychain::WritePasswordJob(service, this);
    job->setTextData(value);
    run(job, entry, context, std::move(handler));
}

void Keychain::remove(const QString &entry, QObject *context, Handler handler)
{
    run(new QKeychain::DeletePasswordJob(service, this), entry, context, std::move(handler));
}

} // namespace keymux::gui
