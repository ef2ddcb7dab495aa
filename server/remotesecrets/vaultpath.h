// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// Where a secret stands in Vault's key-value engine, version 2.
struct VaultPath {
    std::string mount; ///< `secret`, `team/kv`
    std::string path;  ///< below it: `llm/gemini`

    /// Takes the path people see (`secret/llm`: the first part is the mount) and the one of the API
    /// (`secret/data/llm`, needed for mounts of several parts: `team/kv/data/llm`). Absent when there is no mount, no
    /// path, or a part that is empty, `.` or `..`.
    static std::optional<VaultPath> parse(std::string_view text);
    /// As a part of a URL, below `/v1/`.
    std::string dataUrl() const;
    std::string metadataUrl() const;
};

} // namespace keymux
