// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demoprovider.h"

#include "demoprovider/demoanswers.h"
#include "demoprovider/demostream.h"
#include "http/listener.h"

#include <algorithm>
#include <chrono>

namespace keymux {

namespace {

/// Google's own, so that a config for the demo reads like one for Gemini.
constexpr std::string_view basePath = "/v1beta/openai";

TimePoint now()
{
    // The provider is another party: it has a clock of its own, which may step.
    return TimePoint(std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()));
}

/// The credential the request came with; an error when there is none or more than one.
tl::expected<std::string, DemoError> credentialOf(const HttpRequest &request)
{
    std::string_view bearer = request.header("authorization");
    const std::string_view google = request.header("x-goog-api-key");
    if (!bearer.empty() && !google.empty())
        return tl::unexpected(demoTwoCredentials());
    if (bearer.starts_with("Bearer "))
        bearer.remove_prefix(7);
    if (bearer.empty() && google.empty())
        return tl::unexpected(demoNoCredential());
    return std::string(bearer.empty() ? google : bearer);
}

void send(HttpExchange &exchange, int status, std::string_view body)
{
    exchange.sendAll(status, {{"content-type", "application/json; charset=UTF-8"}}, body);
}

void send(HttpExchange &exchange, const DemoError &error)
{
    send(exchange, error.status, error.body);
}

bool canEmbed(std::string_view model)
{
    return model.find("embed") != std::string_view::npos;
}

} // namespace

DemoProvider::DemoProvider(std::vector<std::string> keys, std::map<std::string, DemoLimits> models, QObject *parent)
    : QObject(parent), m_keys(std::move(keys)), m_models(std::move(models))
{
}

DemoProvider::~DemoProvider() = default;

Result<quint16> DemoProvider::listen()
{
    m_listener = std::make_unique<Listener>(
        ListenerLimits{}, [this](std::unique_ptr<HttpExchange> exchange) { handle(std::move(exchange)); },
        [](int, std::string_view, std::string_view message) { return demoInvalidArgument(message).body; },
        std::make_shared<std::atomic<int>>(0));
    ListenAddress address{QHostAddress(QHostAddress::LocalHost), 0};
    auto socket = ListeningSocket::open(address, false);
    if (!socket)
        return tl::unexpected(socket.error());
    if (const Result<void> listening = m_listener->listen(std::move(*socket)); !listening)
        return tl::unexpected(listening.error());
    m_port = address.port;
    return m_port;
}

std::string DemoProvider::baseUrl() const
{
    return "http://127.0.0.1:" + std::to_string(m_port) + std::string(basePath);
}

void DemoProvider::handle(std::unique_ptr<HttpExchange> exchange)
{
    const HttpRequest &request = exchange->request();
    const auto key = credentialOf(request);
    if (!key)
        return send(*exchange, key.error());
    if (std::find(m_keys.begin(), m_keys.end(), *key) == m_keys.end())
        return send(*exchange, demoKeyInvalid());

    std::string_view path = request.path;
    if (path.starts_with(basePath))
        path.remove_prefix(basePath.size());
    if (request.method == "GET" && path == "/models") {
        std::vector<std::string> names;
        for (const auto &[name, limits] : m_models)
            names.push_back(name);
        return send(*exchange, 200, demoModelList(names));
    }
    std::optional<DemoMethod> method;
    if (path == "/chat/completions")
        method = DemoMethod::Chat;
    else if (path == "/completions")
        method = DemoMethod::Completion;
    else if (path == "/embeddings")
        method = DemoMethod::Embedding;
    if (request.method != "POST" || !method)
        return send(*exchange, demoNoSuchPath(request.path));

    const auto parsed =
        DemoRequest::read(*method, std::string_view(request.body.constData(), std::size_t(request.body.size())));
    if (!parsed)
        return send(*exchange, parsed.error());
    answer(std::move(exchange), *parsed, *key);
}

void DemoProvider::answer(std::unique_ptr<HttpExchange> exchange, const DemoRequest &request, const std::string &key)
{
    const bool embedding = request.method == DemoMethod::Embedding;
    const auto model = m_models.find(request.model);
    if (model == m_models.end() || canEmbed(request.model) != embedding)
        return send(*exchange, demoModelNotFound(request.model, embedding ? "embedContent" : "generateContent"));
    const TimePoint at = now();
    if (const auto refusal = m_meter.take(key, request.model, model->second, request.promptTokens, at))
        return send(*exchange, demoQuotaError(*refusal, request.model));

    const std::int64_t created = std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
    const std::string id = "demo-" + std::to_string(++m_answers);
    if (!request.stream)
        return send(*exchange, 200, demoAnswer(request, created, id));
    new DemoStream(std::move(exchange), demoEvents(request, created, id), this);
}

} // namespace keymux
