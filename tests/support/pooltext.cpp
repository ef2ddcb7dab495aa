// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"

#include <algorithm>

namespace keymux::testing {

namespace {

constexpr std::string_view secretPrefix = "secret-of-";

std::string variableOf(std::string keyId)
{
    std::transform(keyId.begin(), keyId.end(), keyId.begin(),
                   [](unsigned char c) { return std::isalnum(c) != 0 ? char(std::toupper(c)) : '_'; });
    return "TEST_" + keyId;
}

std::string more(const std::string &members)
{
    return members.empty() ? members : ", " + members;
}

} // namespace

std::string filled(std::string text, const std::string &name, const std::string &value)
{
    const std::string place = "@" + name + "@";
    return text.replace(text.find(place), place.size(), value);
}

std::string secretOf(const std::string &keyId)
{
    return std::string(secretPrefix) + keyId;
}

std::vector<PoolKey> poolKeys(int count, const std::string &fields)
{
    std::vector<PoolKey> keys;
    for (int i = 1; i <= count; ++i)
        keys.push_back({"key-" + std::to_string(i), fields});
    return keys;
}

std::string PoolText::text() const
{
    std::string list;
    for (const PoolKey &key : keys)
        list += std::string(list.empty() ? "" : ",") + "\n      {\"key_id\": \"" + key.id + "\", \"api_key\": \"" +
                variableOf(key.id) + "_PLACEHOLDER\"" + more(key.fields) + "}";
    return "{\n  \"providers\": {\"gemini\": {\n    \"base_url\": \"" + baseUrl + "\"" + more(provider) +
           ",\n    \"models\": " + models + ",\n    \"keys\": [" + list + "]\n  }}" +
           (routing.empty() ? "" : ",\n  \"routing\": {" + routing + "}") +
           (server.empty() ? "" : ",\n  \"server\": {" + server + "}") + "\n}\n";
}

std::vector<std::pair<std::string, std::string>> PoolText::environment() const
{
    std::vector<std::pair<std::string, std::string>> all;
    for (const PoolKey &key : keys)
        if (key.hasSecret)
            all.emplace_back(variableOf(key.id), secretOf(key.id));
    return all;
}

DaemonOptions PoolText::options() const
{
    DaemonOptions options;
    options.config = text();
    options.environment = environment();
    return options;
}

std::vector<std::string> walkOf(const ScriptedUpstream &upstream)
{
    std::vector<std::string> walk = upstream.ledger().walk();
    for (std::string &step : walk)
        if (step.starts_with(secretPrefix))
            step.erase(0, secretPrefix.size());
    return walk;
}

} // namespace keymux::testing
