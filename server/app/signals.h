// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <memory>

class QSocketNotifier;

namespace keymux {

/// SIGHUP, SIGTERM and SIGINT as Qt signals of the main thread. Blocked for every thread started after construction, so
/// build it first.
class Signals : public QObject {
    Q_OBJECT

public:
    explicit Signals(QObject *parent = nullptr);
    ~Signals() override;

Q_SIGNALS:
    void reload();
    void terminate();

private:
    void read();

    int m_fd = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace keymux
