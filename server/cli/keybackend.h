// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/result.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace keymux {

/// Where the key commands work: on a state directory, or on a running server by its admin API. Documents are the admin
/// API's in both. Errors carry `usage` when the fields given are at fault.
class KeyBackend {
public:
    using Json = nlohmann::ordered_json;

    /// Keys of a state directory; `create` makes it when it is not there.
    static Result<std::unique_ptr<KeyBackend>> onState(const std::string &state, bool create, TimePoint now);
    static Result<std::unique_ptr<KeyBackend>> onServer(const std::string &state, const std::string &url,
                                                        const std::string &tokenFile);
    virtual ~KeyBackend() = default;

    virtual Result<Json> mint(const Json &fields) = 0;
    /// All keys, oldest first.
    virtual Result<Json> list() = 0;
    /// In these, a key is named by its id or, when only one has it, its name.
    virtual Result<Json> show(const std::string &key) = 0;
    virtual Result<Json> update(const std::string &key, const Json &fields) = 0;
    virtual Result<Json> rotate(const std::string &key, Millis grace) = 0;
    virtual Result<Json> revoke(const std::string &key) = 0;
};

} // namespace keymux
