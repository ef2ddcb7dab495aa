// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prices.h"

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace keymux {

/// The prices that come with the program, and before them those of the operator's own file: the one a flag names, else
/// STATE/prices.json when it is there. Main thread.
class PriceSource {
public:
    PriceSource(const std::optional<std::string> &file, const std::string &stateDir);

    /// What is in force now. The error is everything that is wrong, as `file:line:column: path: message`.
    tl::expected<std::shared_ptr<const PriceTable>, std::vector<std::string>> load() const;
    /// The operator's file, which need not exist.
    const std::string &path() const { return m_path; }

private:
    std::string m_path;
    bool m_mustExist;
};

} // namespace keymux
