// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "secretloader/secretbook.h"
#include "secrets/secretresolver.h"

#include <QObject>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace keymux {

/// Finds the secrets of pool configs: on threads of its own, some at a time, again when a source wants it or when it
/// failed before, and with the last good value where a source is down. To be used from one thread.
class SecretLoader : public QObject {
    Q_OBJECT

public:
    using MakeResolver = std::function<std::shared_ptr<const SecretResolver>(const SecretSources &)>;

    explicit SecretLoader(MakeResolver makeResolver, QObject *parent = nullptr);
    /// Waits for reads that are under way for a second at most; one that hangs longer ends by itself.
    ~SecretLoader() override;

    /// Reads everything the document names and waits for it, up to `patience`; what is not there by then comes later.
    /// The document is a candidate until use() or drop().
    ResolvedPool load(const std::shared_ptr<const PoolConfig> &written, Millis patience);
    /// From now on this document is kept up to date, and no other.
    void use(const std::shared_ptr<const PoolConfig> &written);
    /// The candidate is not taken: back to the document in use.
    void drop();
    /// What is known at the moment.
    ResolvedPool known(const PoolConfig &written) const;
    /// Has everything of this machine read again, in the background: a file has changed.
    void refreshFiles();
    /// Files whose change is a reason for refreshFiles(), for the document in use.
    std::vector<std::string> files() const;

    /// One reference, on the spot; may block as its source does.
    Result<Secret> resolveNow(const std::string &reference, const SecretSources &secrets);

Q_SIGNALS:
    /// known() gives something new.
    void changed();

protected:
    bool event(QEvent *event) override;

private:
    struct State;

    static void runLane(const std::shared_ptr<State> &state, SecretLane lane);
    void take(const SecretSources &secrets);

    MakeResolver m_makeResolver;
    SecretSources m_sources; ///< that the resolver was made for
    std::shared_ptr<State> m_state;
    std::vector<std::thread> m_lanes;
};

} // namespace keymux
