// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "core/virtualkey.h"
#include "secrets/secret.h"
#include "store/virtualkeystore.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// What a new virtual key may do.
struct MintOptions {
    std::string name = "key";
    std::vector<std::string> models;
    bool exposeRoute = false;
    std::optional<TimePoint> expiresAt;
    VirtualKeyLimits limits;
    std::string metadata;
    bool blocked = false;
    std::optional<std::string> given; ///< the key itself, instead of a new one
};

/// What a draft of a virtual key asks for.
MintOptions mintOptionsFrom(const VirtualKey &draft);

/// A virtual key and, this once, its clear text.
struct MintedKey {
    VirtualKey key;
    std::string clear;
};

/// Draws a new virtual key and stores its digest. Errors `bad_virtual_key` for a given one that cannot be one, and
/// `already_there`.
Result<MintedKey> mintVirtualKey(VirtualKeyStore &store, const MintOptions &options, TimePoint now);
/// Draws a new text for a virtual key, all else staying as it is. The old text works on for `grace`, and one replaced
/// before it no more. Errors `not_found`, `revoked`.
Result<MintedKey> rotateVirtualKey(VirtualKeyStore &store, std::string_view id, Millis grace, TimePoint now);

/// The first credential of a state. Without `given`: on a state without virtual keys mints one named `default`, keeps
/// its clear text in `keyFile` (empty: STATE/virtual-key, 0600) and returns it to be printed once. A file left behind
/// by a start that was cut short is taken up again. With `given`: makes sure that key works and returns nothing, or the
/// given key when `keyFile` was asked for and written.
Result<std::optional<std::string>> ensureFirstVirtualKey(VirtualKeyStore &store, const std::string &stateDir,
                                                         std::optional<std::string_view> given,
                                                         const std::string &keyFile, TimePoint now);

/// Is it long enough for a credential that somebody chose, and can it stand in a header: 16 to 512 visible ASCII
/// characters?
bool isUsableCredential(std::string_view text);

/// The admin token: the given one, or what STATE/admin-token (0600) holds, made on the first start.
Result<Secret> ensureAdminToken(const std::string &stateDir, std::optional<std::string_view> given);

} // namespace keymux
