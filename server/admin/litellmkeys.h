// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/virtualkeysapi.h"

namespace keymux {

/// LiteLLM's `/key/…` calls in its shapes, so that scripts written for its proxy go on working: a key is named by its
/// text, by the SHA-256 of it in hex (LiteLLM's `token`), or by our id. Amounts are US dollars.
class LiteLlmKeys {
public:
    LiteLlmKeys(VirtualKeyStore &store, SharedKeys &keys, std::function<void()> changed);

    /// Nothing when the path is not one of these: `/key/generate`, `/key/info`, `/key/update`, `/key/delete`,
    /// `/key/list`, `/key/block`, `/key/unblock`.
    std::optional<JsonReply> handle(std::string_view method, std::string_view path, std::string_view query,
                                    std::string_view body, TimePoint now);

private:
    using Json = nlohmann::ordered_json;

    JsonReply generate(const Json &request, TimePoint now);
    JsonReply info(std::string_view query, TimePoint now);
    JsonReply update(const Json &request, TimePoint now);
    JsonReply remove(const Json &request, TimePoint now);
    JsonReply list(std::string_view query, TimePoint now);
    JsonReply setBlocked(const Json &request, bool blocked, TimePoint now);

    /// A key that is not revoked. Error `not_found`.
    Result<VirtualKey> find(const std::string &keyTokenOrId) const;
    Result<std::vector<VirtualKey>> named(const std::string &alias) const;
    Json record(const VirtualKey &key, TimePoint now);

    VirtualKeyStore &m_store;
    SharedKeys &m_keys;
    std::function<void()> m_changed;
};

} // namespace keymux
