// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "secrets/secretsource.h"

#include <functional>

namespace keymux {

/// The process environment, as it was at the start.
class EnvironmentSource : public SecretSource {
public:
    using Lookup = std::function<const char *(const char *)>;
    using Names = std::function<std::vector<std::string>()>;

    /// Null: of this process. Given ones must be callable from several threads.
    explicit EnvironmentSource(Lookup lookup = {}, Names names = {});

    std::string_view name() const override { return "environment"; }
    Result<Secret> read(const std::string &name, const std::string &field) override;
    Result<std::vector<std::string>> list(const std::string &glob) override;

private:
    Lookup m_lookup;
    Names m_names;
};

} // namespace keymux
