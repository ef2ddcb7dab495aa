// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keysets.h"

#include "core/secretref.h"

#include <algorithm>
#include <set>

namespace keymux {

namespace {

constexpr std::size_t maxKeyId = 64;

/// What tells a set's members apart: the last part of a path, or the field where the `*` stands in that.
std::string nameIn(const SecretRef &ref, bool byField)
{
    return byField ? ref.field : ref.name.substr(ref.name.rfind('/') + 1);
}

std::string asId(std::string_view name)
{
    std::string id(name);
    for (char &c : id) {
        if (c >= 'A' && c <= 'Z')
            c = char(c + 32);
        else if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.')
            c = '-';
    }
    return id;
}

/// What the stars of a glob stood for, joined with `-`.
std::string starsOf(std::string_view glob, std::string_view name)
{
    std::string all;
    std::size_t star = glob.find('*');
    name.remove_prefix(std::min(star, name.size()));
    while (star != std::string_view::npos) {
        glob.remove_prefix(star + 1);
        star = glob.find('*');
        const std::string_view piece = glob.substr(0, star);
        const std::size_t end = star == std::string_view::npos ? name.size() - std::min(name.size(), piece.size())
                                                               : std::min(name.find(piece), name.size());
        all.append(all.empty() ? "" : "-").append(name.substr(0, end));
        name.remove_prefix(std::min(end + piece.size(), name.size()));
    }
    return all;
}

} // namespace

bool isKeySet(const KeyEntry &key)
{
    const auto ref = parseSecretRef(key.apiKey);
    return ref && ref->isSet();
}

std::string setMemberId(std::string_view keyId, std::string_view set, std::string_view member)
{
    const auto glob = parseSecretRef(set), found = parseSecretRef(member);
    if (!glob || !found)
        return {};
    const bool byField = glob->field.find('*') != std::string::npos;
    const std::string name = nameIn(*found, byField);
    if (keyId.empty())
        return asId(name);
    const std::string filling = asId(starsOf(nameIn(*glob, byField), name));
    std::string id;
    for (const char c : keyId) {
        if (c == '*')
            id += filling;
        else
            id += c;
    }
    return id;
}

ExpandedConfig expandKeySets(const PoolConfig &written, const SetMembers &membersOf)
{
    ExpandedConfig expanded;
    expanded.config = written;
    std::set<std::string> ids;
    for (const Provider &provider : written.providers)
        for (const KeyEntry &key : provider.keys)
            if (!isKeySet(key))
                ids.insert(key.keyId);
    for (Provider &provider : expanded.config.providers) {
        if (std::none_of(provider.keys.begin(), provider.keys.end(), isKeySet))
            continue;
        std::vector<KeyEntry> keys;
        for (KeyEntry &key : provider.keys) {
            if (!isKeySet(key)) {
                keys.push_back(std::move(key));
                continue;
            }
            const std::vector<std::string> *members = membersOf(key.apiKey);
            for (const std::string &member : members ? *members : std::vector<std::string>()) {
                std::string id = setMemberId(key.keyId, key.apiKey, member);
                const auto skipped = [&](std::string_view why) {
                    std::string text = "`" + member;
                    text.append("` of the set `").append(key.apiKey).append("` is skipped: ").append(why);
                    expanded.problems.push_back(std::move(text));
                };
                if (id.empty() || id.size() > maxKeyId) {
                    skipped("its key_id would not have 1 to 64 characters");
                } else if (!ids.insert(id).second) {
                    skipped("another key has the key_id " + id);
                } else {
                    keys.push_back(key);
                    keys.back().keyId = std::move(id);
                    keys.back().apiKey = member;
                }
            }
        }
        provider.keys = std::move(keys);
    }
    return expanded;
}

} // namespace keymux
