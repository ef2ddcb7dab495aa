// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/poolcontrol.h"
#include "app/poolloader.h"
#include "store/auditlog.h"
#include "store/revisionstore.h"

#include <functional>
#include <string>

namespace keymux {

/// The document in force and its revisions. Main thread.
class PoolEditor : public PoolControl {
public:
    using Apply = std::function<void(LoadedPool)>;

    PoolEditor(const PoolLoader &loader, RevisionStore &revisions, AuditLog &audit, Apply apply)
        : m_loader(loader), m_revisions(revisions), m_audit(audit), m_apply(std::move(apply))
    {
    }

    /// Gives a document from the file its revision, a new one when it differs from the newest; it is to be applied
    /// next. `by` is `start` or `file`.
    void take(LoadedPool &pool, const std::string &by, TimePoint now);

    const std::string &text() const override { return m_text; }
    std::int64_t revision() const override { return m_revision; }
    std::vector<Problem> check(std::string_view text) const override;
    tl::expected<EditDone, EditRefusal> replace(const std::string &text, const ChangeOrigin &origin,
                                                bool unlessFileIsNewer, TimePoint now) override;

private:
    tl::expected<EditDone, EditRefusal> tryReplace(const std::string &text, const ChangeOrigin &origin,
                                                   bool unlessFileIsNewer, TimePoint now);
    std::string summaryOf(const PoolConfig &after, const std::string &before) const;

    const PoolLoader &m_loader;
    RevisionStore &m_revisions;
    AuditLog &m_audit;
    Apply m_apply;
    std::string m_text;
    std::int64_t m_revision = 0;
    bool m_applied = false; ///< by the last replace()
};

} // namespace keymux
