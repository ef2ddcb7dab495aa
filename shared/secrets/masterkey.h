// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// What the sealed store is sealed with: 32 bytes, wiped when they go.
class MasterKey {
public:
    static MasterKey random();
    /// Of one line of text: 64 hexadecimal digits, or 32 bytes in base64. Absent when it is neither.
    static std::optional<MasterKey> fromText(std::string_view text);

    MasterKey(const MasterKey &) = delete;
    MasterKey &operator=(const MasterKey &) = delete;
    MasterKey(MasterKey &&other) noexcept;
    MasterKey &operator=(MasterKey &&other) noexcept;
    ~MasterKey();

    const std::uint8_t *bytes() const { return m_bytes.data(); }
    /// As fromText() takes it; wipe it after use.
    std::string text() const;

private:
    MasterKey() = default;
    std::array<std::uint8_t, 32> m_bytes{};
};

/// Where the master key is kept.
struct MasterKeyPlace {
    std::string path;
    bool ownedByState = false; ///< STATE/master-key, which Keymux makes and replaces itself
};

/// `$KEYMUX_MASTER_KEY_FILE`, else `keymux-master-key` in `$CREDENTIALS_DIRECTORY` when it is there, else
/// STATE/master-key. `env` null: the process environment.
MasterKeyPlace masterKeyPlace(const std::string &stateDir, const std::function<const char *(const char *)> &env);

/// Errors: `secret_missing` when there is no such file, `secret_denied` when it cannot be read or others may read
/// STATE/master-key, `secret_bad` when it holds no key.
Result<MasterKey> readMasterKey(const MasterKeyPlace &place);

} // namespace keymux
