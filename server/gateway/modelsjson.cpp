// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/modelsjson.h"

#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

Json entry(const ActivePool &pool, std::string_view id)
{
    return {{"id", id}, {"object", "model"}, {"created", pool.loadedAt}, {"owned_by", "keymux"}};
}

std::string dumped(const Json &json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool isRoutable(const ActivePool &pool, std::string_view id)
{
    for (int e = 0; e < endpointCount; ++e) {
        const Route route = pool.router->route(id, Endpoint(e));
        if (route.plan && !route.plan->tiers.empty())
            return true;
    }
    return false;
}

} // namespace

std::string modelListJson(const ActivePool &pool, const VirtualKey &key)
{
    Json data = Json::array();
    for (const std::string &name : pool.router->modelNames()) {
        if (mayAskFor(key, name))
            data.push_back(entry(pool, name));
    }
    return dumped({{"object", "list"}, {"data", std::move(data)}});
}

std::optional<std::string> modelJson(const ActivePool &pool, const VirtualKey &key, std::string_view id)
{
    if (!mayAskFor(key, id) || !isRoutable(pool, id))
        return std::nullopt;
    return dumped(entry(pool, id));
}

} // namespace keymux
