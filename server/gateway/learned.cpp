// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/learned.h"

#include <algorithm>

namespace keymux {

namespace {

// A provider that refuses ever new names must not make us keep them all.
constexpr std::size_t maxFieldsPerModel = 64;
constexpr std::size_t maxModels = 4096;
constexpr std::size_t maxSwitchedKeys = 100000;

bool hasTwoHeaders(const Provider &provider)
{
    return provider.google && (provider.auth == AuthStyle::Bearer || provider.auth == AuthStyle::GoogleApiKey);
}

} // namespace

const std::vector<std::string> &Learned::unknownFields(const std::string &provider, const std::string &model) const
{
    static const std::vector<std::string> none;
    if (m_unknownFields.empty())
        return none;
    const auto it = m_unknownFields.find({provider, model});
    return it == m_unknownFields.end() ? none : it->second;
}

void Learned::rememberUnknownField(const std::string &provider, const std::string &model, std::string field)
{
    if (m_unknownFields.size() >= maxModels && !m_unknownFields.contains({provider, model}))
        return;
    auto &fields = m_unknownFields[{provider, model}];
    if (fields.size() < maxFieldsPerModel && std::find(fields.begin(), fields.end(), field) == fields.end())
        fields.push_back(std::move(field));
}

std::string Learned::keyName(std::string_view keyId, std::uint64_t fingerprint)
{
    return std::string(keyId) + '#' + std::to_string(fingerprint);
}

AuthStyle Learned::authFor(const Provider &provider, std::string_view keyId, std::uint64_t secretFingerprint) const
{
    if (m_switched.empty() || !hasTwoHeaders(provider) || !m_switched.contains(keyName(keyId, secretFingerprint)))
        return provider.auth;
    return provider.auth == AuthStyle::Bearer ? AuthStyle::GoogleApiKey : AuthStyle::Bearer;
}

bool Learned::canSwitchAuth(const Provider &provider, std::string_view keyId, std::uint64_t secretFingerprint) const
{
    return hasTwoHeaders(provider) && !m_switched.contains(keyName(keyId, secretFingerprint));
}

void Learned::switchAuth(std::string_view keyId, std::uint64_t secretFingerprint)
{
    if (m_switched.size() < maxSwitchedKeys)
        m_switched.emplace(keyName(keyId, secretFingerprint), true);
}

} // namespace keymux
