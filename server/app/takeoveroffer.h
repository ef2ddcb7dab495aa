// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/takeoverchannel.h"

#include <QObject>
#include <QSocketNotifier>
#include <QTimer>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace keymux {

/// The running server's side of a takeover: waits in STATE/takeover.sock for a successor, gives it what it asks for,
/// and keeps everything until the successor has said that it has taken all up. Main thread; never waits.
class TakeoverOffer : public QObject {
    Q_OBJECT

public:
    /// What the server does for it.
    struct Steps {
        /// The listening sockets by role and the lock, which stay the server's.
        std::function<std::vector<std::pair<std::string, int>>()> sockets;
        std::function<int()> lock;
        /// Accepts nothing from here on and writes down all that a successor goes on with.
        std::function<Result<void>()> pause;
        /// It came to nothing: goes on as before.
        std::function<void()> resume;
        /// The other one serves: finishes what runs, and ends.
        std::function<void(long pid)> retire;
    };
    struct Patience {
        Millis hello{5000};
        Millis prepared{60000}; ///< a database that has to be brought up to date takes time; nothing stands still
        Millis taken{10000};    ///< nobody accepts meanwhile
    };

    TakeoverOffer(std::string stateDir, Steps steps, Patience patience, QObject *parent = nullptr);
    /// Refuses who is in the midst of it.
    ~TakeoverOffer() override;

    Result<void> listen();

private:
    enum class Stage { Hello, Prepared, Taken };

    void accept();
    void read();
    void take(const TakeoverMessage &message);
    Result<void> offer();
    void refuse(const std::string &reason);
    void end();
    void handOver();
    void awaitNext(Stage stage, Millis atMost);

    const std::string m_stateDir;
    const Steps m_steps;
    const Patience m_patience;
    Descriptor m_listening;
    std::unique_ptr<QSocketNotifier> m_arrivals, m_news;
    std::unique_ptr<TakeoverChannel> m_successor;
    Stage m_stage = Stage::Hello;
    long m_successorPid = 0;
    bool m_paused = false;
    QTimer m_limit;
};

} // namespace keymux
