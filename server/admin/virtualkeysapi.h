// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gateway/sharedkeys.h"
#include "store/credentials.h"
#include "store/virtualkeyjson.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace keymux {

/// What an admin path answers.
struct JsonReply {
    int status = 200;
    nlohmann::ordered_json body; ///< null: no body
};

/// An error in the shape of all errors: `{"error":{"message","type","param","code"}}`, with `problems` where a document
/// is at fault.
JsonReply keyErrorReply(int status, std::string_view code, std::string_view message,
                        const std::vector<FieldProblem> &problems = {});
/// The status that suits what the store said.
JsonReply storeErrorReply(const Error &error);

/// `/admin/v1/virtual-keys`: requests to answers, on the main thread. What was answered 2xx is on disk.
class VirtualKeysApi {
public:
    /// `changed` is called after each change, to let the workers know at once.
    VirtualKeysApi(VirtualKeyStore &store, SharedKeys &keys, std::function<void()> changed);

    /// One of the paths below: `tail` is what follows `/admin/v1/virtual-keys` (`/{id}`, `/{id}/rotate` or nothing),
    /// `query` the part after the question mark.
    JsonReply handle(std::string_view method, std::string_view tail, std::string_view query, std::string_view body,
                     TimePoint now);

    /// Newest first; `limit` up to 1000 (100), `cursor`, `revoked=true` for revoked ones, too.
    JsonReply list(std::string_view query, TimePoint now);
    JsonReply create(std::string_view body, TimePoint now);
    JsonReply get(std::string_view id, TimePoint now);
    JsonReply update(std::string_view id, std::string_view body, TimePoint now);
    /// Revokes: the key stops working at once and for good.
    JsonReply remove(std::string_view id, TimePoint now);
    /// `{"grace_s": 3600}`: how long the old text works on (0).
    JsonReply rotate(std::string_view id, std::string_view body, TimePoint now);

private:
    nlohmann::ordered_json json(const VirtualKey &key, TimePoint now);

    VirtualKeyStore &m_store;
    SharedKeys &m_keys;
    std::function<void()> m_changed;
};

/// The value of a query parameter, percent-decoded; absent when it is not there.
std::optional<std::string> queryValue(std::string_view query, std::string_view name);

} // namespace keymux
