// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/database.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace keymux {

/// Keys an operator switched off, apart from the pool config. What was switched off stays so while its key is not in
/// the document, too. One object per thread.
class OverrideStore {
public:
    static Result<std::unique_ptr<OverrideStore>> open(std::shared_ptr<Database> database);

    /// Both may be called within a transaction of the same database.
    Result<void> disable(std::string_view keyId, TimePoint at);
    Result<void> enable(std::string_view keyId);
    Result<std::set<std::string>> disabled() const;

private:
    explicit OverrideStore(std::shared_ptr<Database> database) : m_database(std::move(database)) {}

    std::shared_ptr<Database> m_database;
};

} // namespace keymux
