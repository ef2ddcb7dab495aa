// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/virtualkeyroutes.h"

#include "log/log.h"

#include <array>

namespace keymux {

namespace {

constexpr std::string_view root = "/admin/v1/virtual-keys";

struct Change {
    const char *method, *pattern, *action; ///< no action: nothing is changed
};

constexpr std::array ownPaths{Change{"GET", "/admin/v1/virtual-keys", nullptr},
                              Change{"POST", "/admin/v1/virtual-keys", "virtual_key.create"},
                              Change{"GET", "/admin/v1/virtual-keys/{id}", nullptr},
                              Change{"PATCH", "/admin/v1/virtual-keys/{id}", "virtual_key.update"},
                              Change{"DELETE", "/admin/v1/virtual-keys/{id}", "virtual_key.revoke"},
                              Change{"POST", "/admin/v1/virtual-keys/{id}/rotate", "virtual_key.rotate"}};

constexpr std::array liteLlmPaths{Change{"POST", "/key/generate", "virtual_key.create"},
                                  Change{"GET", "/key/info", nullptr},
                                  Change{"POST", "/key/update", "virtual_key.update"},
                                  Change{"POST", "/key/delete", "virtual_key.revoke"},
                                  Change{"GET", "/key/list", nullptr},
                                  Change{"POST", "/key/block", "virtual_key.block"},
                                  Change{"POST", "/key/unblock", "virtual_key.unblock"}};

AdminReply adminReply(const JsonReply &reply)
{
    if (reply.body.is_null())
        return {.status = reply.status};
    return jsonReply(reply.body, reply.status);
}

/// Which key an answer is about: its id, or LiteLLM's digest of it. Never the key itself.
std::string subjectOf(const AdminRequest &request, const JsonReply &reply)
{
    if (const std::string_view id = request.parameter("id"); !id.empty())
        return std::string(id);
    for (const char *name : {"id", "token_id", "token"}) {
        const auto it = reply.body.is_object() ? reply.body.find(name) : reply.body.end();
        if (it == reply.body.end() || !it->is_string())
            continue;
        if (auto text = it->get<std::string>(); !text.starts_with("sk-"))
            return text;
    }
    return {};
}

void note(AuditLog &audit, const char *action, const AdminRequest &request, const JsonReply &reply)
{
    if (!action || reply.status >= 300)
        return;
    if (const auto noted = audit.add("admin", action, subjectOf(request, reply), request.address, request.now); !noted)
        qCWarning(lcServer, "a change of a virtual key is not in the audit log: %s", noted.error().message.c_str());
}

} // namespace

void registerVirtualKeyRoutes(AdminRouter &router, VirtualKeysApi &keys, LiteLlmKeys &liteLlm, AuditLog &audit)
{
    for (const Change &path : ownPaths) {
        router.add(path.method, path.pattern, [&keys, &audit, action = path.action](const AdminRequest &request) {
            const std::string_view tail = std::string_view(request.http.path).substr(root.size());
            const JsonReply reply =
                keys.handle(request.http.method, tail, request.http.query, request.body(), request.now);
            note(audit, action, request, reply);
            return adminReply(reply);
        });
    }
    for (const Change &path : liteLlmPaths) {
        router.add(path.method, path.pattern, [&liteLlm, &audit, action = path.action](const AdminRequest &request) {
            const auto reply =
                liteLlm.handle(request.http.method, request.http.path, request.http.query, request.body(), request.now);
            if (!reply)
                return notFoundReply("such path");
            note(audit, action, request, *reply);
            return adminReply(*reply);
        });
    }
}

} // namespace keymux
