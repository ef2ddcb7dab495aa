// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gateway/refusal.h"
#include "gateway/workerstate.h"
#include "http/httpexchange.h"

#include <QObject>
#include <memory>
#include <string>
#include <string_view>

namespace keymux {

/// The client listener's paths: who may ask, and for what. Requests for a model become a ModelRequest; everything else
/// is answered here.
class ClientApi : public QObject {
    Q_OBJECT

public:
    explicit ClientApi(WorkerState &state, QObject *parent = nullptr);

    void handle(std::unique_ptr<HttpExchange> exchange);

    /// The virtual keys changed: what runs for a key that is gone, revoked or blocked ends at once.
    void endWithdrawn();
    /// Requests for a model that are not over yet.
    int running() const;

private:
    struct Call {
        std::unique_ptr<HttpExchange> exchange;
        HeaderList common;
    };

    HeaderList commonHeaders(const HttpRequest &request) const;
    bool answerHealth(Call &call, std::string_view path);
    void answerModels(Call &call, std::string_view id, const VirtualKey &key);
    const VirtualKey *authenticate(const HttpRequest &request) const;
    void answer(Call &call, int status, std::string_view json);
    void refuse(Call &call, const Refusal &refusal);

    WorkerState &m_state;
};

} // namespace keymux
