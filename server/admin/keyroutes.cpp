// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/keyroutes.h"

#include "admin/statejson.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

std::optional<KeyState> keyNamed(SharedPool &pool, std::string_view keyId, TimePoint now)
{
    const PoolSnapshot snapshot = pool.with([&](KeyPool &keys) { return keys.snapshot(now); });
    const auto key = std::find_if(snapshot.keys.begin(), snapshot.keys.end(),
                                  [&](const KeyState &candidate) { return candidate.keyId == keyId; });
    return key == snapshot.keys.end() ? std::nullopt : std::optional(*key);
}

AdminReply unknownKey()
{
    return errorReply(404, "key_not_found", "The pool has no key of that name; GET /admin/v1/state lists its keys.");
}

AdminReply keyReply(const KeyRouteParts &parts, std::string_view keyId, TimePoint now)
{
    const auto key = keyNamed(parts.pool, keyId, now);
    return key ? AdminReply{.body = keyJson(*key)} : unknownKey();
}

AdminReply change(const KeyRouteParts &parts, const AdminRequest &request, bool enable)
{
    const std::string_view keyId = request.parameter("key_id");
    if (!keyNamed(parts.pool, keyId, request.now))
        return unknownKey();
    const auto done = parts.database.inTransaction("switch a key", [&]() -> Result<void> {
        auto switched = enable ? parts.overrides.enable(keyId) : parts.overrides.disable(keyId, request.now);
        return switched ? parts.audit.add("admin", enable ? "key.enable" : "key.disable", keyId, request.address,
                                          request.now)
                        : switched;
    });
    if (!done)
        return errorReply(done.error().code == "disk_full" ? 507 : 500, done.error().code, done.error().message);
    parts.overridesChanged();
    return keyReply(parts, keyId, request.now);
}

AdminReply reset(const KeyRouteParts &parts, const AdminRequest &request)
{
    const std::string_view keyId = request.parameter("key_id");
    if (!parts.pool.with([&](KeyPool &keys) { return keys.resetKey(keyId, request.now); }))
        return unknownKey();
    if (auto noted = parts.audit.add("admin", "key.reset", keyId, request.address, request.now); !noted)
        return errorReply(500, noted.error().code, "The key's rests were ended, but: " + noted.error().message);
    return keyReply(parts, keyId, request.now);
}

} // namespace

void registerKeyRoutes(AdminRouter &router, const KeyRouteParts &parts)
{
    router.add("POST", "/admin/v1/keys/{key_id}/enable",
               [parts](const AdminRequest &request) { return change(parts, request, true); });
    router.add("POST", "/admin/v1/keys/{key_id}/disable",
               [parts](const AdminRequest &request) { return change(parts, request, false); });
    router.add("POST", "/admin/v1/keys/{key_id}/reset",
               [parts](const AdminRequest &request) { return reset(parts, request); });
}

} // namespace keymux
