// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "demoprovider/demolimits.h"
#include "http/httpexchange.h"

#include <QObject>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace keymux {

class Listener;
struct DemoRequest;

/// The models of the demo and what each key may ask of them.
std::map<std::string, DemoLimits> demoModels();

/// The pool config of the demo: the provider under `baseUrl`, four keys in KEYMUX_DEMO_KEY_1 to _4.
std::string demoConfigText(const std::string &baseUrl);

/// A provider inside the program, on a loopback port, that speaks the OpenAI-compatible path of Gemini and really
/// enforces its limits, so that rotation, cooldown and recovery can be seen without a key. Lives in one thread with an
/// event loop.
class DemoProvider : public QObject {
    Q_OBJECT

public:
    DemoProvider(std::vector<std::string> keys, std::map<std::string, DemoLimits> models, QObject *parent = nullptr);
    ~DemoProvider() override;

    /// Takes a free port. Call it on the thread the provider lives in.
    Result<quint16> listen();
    /// Valid after listen().
    std::string baseUrl() const;

private:
    void handle(std::unique_ptr<HttpExchange> exchange);
    void answer(std::unique_ptr<HttpExchange> exchange, const DemoRequest &request, const std::string &key);

    std::vector<std::string> m_keys;
    std::map<std::string, DemoLimits> m_models;
    DemoMeter m_meter;
    std::unique_ptr<Listener> m_listener;
    quint16 m_port = 0;
    std::uint64_t m_answers = 0;
};

} // namespace keymux
