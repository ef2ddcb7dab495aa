// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "secrets/secretsource.h"

namespace keymux {

/// Files that hold one secret each: mounted secrets, systemd credentials, files of one's own. Links are followed, so a
/// mount that swaps its `..data` link is read as it is at the moment.
class FileSource : public SecretSource {
public:
    /// Relative names start at `baseDir`; empty: at the working directory.
    explicit FileSource(std::string baseDir) : m_baseDir(std::move(baseDir)) {}

    std::string_view name() const override { return "files"; }
    Result<Secret> read(const std::string &name, const std::string &field) override;
    /// The `*` stands in the last part of the path and matches neither folders nor names that begin with a dot. Gives
    /// paths as they would be named.
    Result<std::vector<std::string>> list(const std::string &glob) override;

    std::string pathOf(const std::string &name) const;

private:
    std::string m_baseDir;
};

} // namespace keymux
