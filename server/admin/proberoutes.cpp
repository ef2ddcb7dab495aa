// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/proberoutes.h"

#include "gateway/activepool.h"
#include "gateway/keyprobe.h"
#include "log/log.h"

#include <list>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t maxRunning = 32;

/// Google lists its models under `models/`; a config may write them either way.
std::string_view bareName(std::string_view model)
{
    return model.starts_with("models/") ? model.substr(7) : model;
}

Json modelsJson(const KeyEntry &key, const std::vector<std::string> &listed)
{
    const std::unordered_set<std::string_view> names(listed.begin(), listed.end());
    Json found = Json::array(), missing = Json::array();
    for (const ModelEntry &model : key.models)
        (names.contains(bareName(model.model)) ? found : missing).push_back(model.model);
    return {{"listed", listed.size()}, {"found", std::move(found)}, {"missing", std::move(missing)}};
}

std::string sentenceOf(const ProbeResult &result, const Json &models)
{
    const Feedback &feedback = result.feedback;
    switch (feedback.klass) {
    case AnswerClass::Success:
        if (models.is_null())
            return "The provider takes this key, but " + feedback.detail + ".";
        return "The provider takes this key and lists " + std::to_string(result.models->size()) + " models" +
               (models["missing"].empty()
                    ? "."
                    : "; " + std::to_string(models["missing"].size()) + " of those configured are not among them.");
    case AnswerClass::BadKey:
        return "The provider refuses this key, so it rests: " + feedback.detail;
    case AnswerClass::ModelMissing:
        return "The provider has no list of models at this address, which says nothing about the key: " +
               feedback.detail;
    case AnswerClass::Timeout:
    case AnswerClass::Network:
        return "The provider was not reached: " + feedback.detail;
    default:
        return "The provider answered otherwise (" + std::string(answerClassName(feedback.klass)) +
               "), which changes nothing here: " + feedback.detail;
    }
}

/// The probes that run.
class KeyProbes {
public:
    explicit KeyProbes(ProbeRouteParts parts) : m_parts(std::move(parts)) {}

    void handle(const AdminRequest &request, const AdminAnswer &answer)
    {
        const auto pool = m_parts.active();
        const auto key = keyNamed(*pool, request.parameter("key_id"));
        if (!key) {
            answer.send(errorReply(404, "key_not_found",
                                   "The pool has no key of that name; GET /admin/v1/state lists its keys."));
        } else if (!key->secret && key->provider->auth != AuthStyle::None) {
            answer.send(errorReply(409, "secret_unresolved",
                                   "The secret of this key could not be resolved, so there is nothing to ask its "
                                   "provider with; the log says what is missing."));
        } else if (m_running.size() >= maxRunning) {
            AdminReply reply = errorReply(503, "overloaded", "As many keys are being checked as may be at once.");
            reply.headers.emplace_back("retry-after", "1");
            answer.send(reply);
        } else {
            start(request, *key, pool, answer);
        }
    }

private:
    void start(const AdminRequest &request, const PooledKey &key, const std::shared_ptr<const ActivePool> &pool,
               const AdminAnswer &answer)
    {
        const auto place = m_running.emplace(m_running.end());
        *place = std::make_unique<KeyProbe>(
            m_parts.upstream, pool, *key.provider, key.secret, request.now, m_parts.deadline,
            [this, place, pool, key, answer, address = request.address](const ProbeResult &result) {
                const auto over = std::move(*place); // goes at the end, as this function is part of it
                m_running.erase(place);
                answer.send(done(key, result, address));
            });
    }

    AdminReply done(const PooledKey &key, const ProbeResult &result, const std::string &address)
    {
        const TimePoint now = m_parts.now();
        const std::uint64_t version = key.secret ? m_parts.versionOf(*key.secret) : 0;
        const bool noted = m_parts.pool.with(
            [&](KeyPool &pool) { return pool.noteProbe(key.entry->keyId, version, result.feedback, now); });
        if (auto kept = m_parts.audit.add("admin", "key.probe", key.entry->keyId, address, now); !kept)
            qCWarning(lcServer, "a probe of a key is not in the audit log: %s", kept.error().message.c_str());
        const Json models = result.models ? modelsJson(*key.entry, *result.models) : Json(nullptr);
        std::string message = sentenceOf(result, models);
        if (!noted)
            message += " The key or its secret was changed meanwhile, so this was not noted.";
        return jsonReply({{"key_id", key.entry->keyId},
                          {"ok", result.feedback.klass == AnswerClass::Success},
                          {"status", result.status ? Json(result.status) : Json(nullptr)},
                          {"latency_ms", result.latency.count()},
                          {"models", models},
                          {"message", message}});
    }

    const ProbeRouteParts m_parts;
    std::list<std::unique_ptr<KeyProbe>> m_running;
};

} // namespace

void registerProbeRoute(AdminRouter &router, const ProbeRouteParts &parts)
{
    router.addDeferred(
        "POST", "/admin/v1/keys/{key_id}/probe",
        [probes = std::make_shared<KeyProbes>(parts)](const AdminRequest &request, const AdminAnswer &answer) {
            probes->handle(request, answer);
        });
}

} // namespace keymux
