// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <functional>

namespace keymux::gui {

/// How a call of the keychain ended.
struct KeychainAnswer {
    enum class Failure { None, Missing, Locked, NoKeychain, Other };
    Failure failure = Failure::None;
    QString value;   ///< of a read
    QString problem; ///< a sentence that says what failed and what to do

    bool ok() const { return failure == Failure::None; }
};

/// The keychain of the person at this desktop, service `keymux`: the only place where the desktop keeps secrets.
/// Nothing waits; a handler whose `context` is gone is not called.
class Keychain : public QObject {
    Q_OBJECT
public:
    using Handler = std::function<void(const KeychainAnswer &)>;

    explicit Keychain(QObject *parent = nullptr) : QObject(parent) {}

    void read(const QString &entry, QObject *context, Handler handler);
    void write(const QString &entry, const QString &value, QObject *context, Handler handler);
    void remove(const QString &entry, QObject *context, Handler handler);
};

} // namespace keymux::gui
