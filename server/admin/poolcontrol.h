// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/poolconfigjson.h"
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// Who asked for a change, for the revision and the audit log.
struct ChangeOrigin {
    std::string action, subject, address;
};

/// Why a document was not taken.
struct EditRefusal {
    int status = 500; ///< 409, 412, 422, 507, 500
    std::string code, message;
    std::vector<Problem> problems; ///< with 422
};

struct EditDone {
    std::int64_t revision = 0;
    std::string summary;
};

/// The pool config as the admin API edits it. Main thread.
class PoolControl {
public:
    virtual ~PoolControl() = default;
    /// The document in force, with comments and secrets as they stand in it.
    virtual const std::string &text() const = 0;
    virtual std::int64_t revision() const = 0;
    virtual std::vector<Problem> check(std::string_view text) const = 0;
    /// Writes the document to the file, keeps it as a revision and applies it: all or nothing. With `unlessFileIsNewer`
    /// a file that differs from the document in force is not overwritten (412).
    virtual tl::expected<EditDone, EditRefusal> replace(const std::string &text, const ChangeOrigin &origin,
                                                        bool unlessFileIsNewer, TimePoint now) = 0;
};

} // namespace keymux
