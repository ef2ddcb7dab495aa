// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pooleditor.h"

#include "core/configdiff.h"
#include "core/configsecrets.h"
#include "log/log.h"
#include "store/poolfile.h"

namespace keymux {

namespace {

EditRefusal refusalOf(const Error &error)
{
    const int status = error.code == "disk_full" ? 507 : error.code == "config_read_only" ? 409 : 500;
    return {status, error.code, error.message, {}};
}

} // namespace

/// `before` may be empty (there was none) or of a version whose documents are not understood any more.
std::string PoolEditor::summaryOf(const PoolConfig &after, const std::string &before) const
{
    const PoolConfigReading reading = readPoolConfig(before, {.allowLiteralKeys = true});
    if (before.empty() || !reading.valid())
        return summarizeFirst(after);
    return summarizeChange(reading.config, after);
}

std::vector<Problem> PoolEditor::check(std::string_view text) const
{
    return m_loader.check(text).problems;
}

void PoolEditor::take(LoadedPool &pool, const std::string &by, TimePoint now)
{
    if (m_text.empty() || pool.text != m_text) {
        const std::string shown = hideLiteralSecrets(pool.text);
        const auto newest = m_revisions.newest();
        const bool known = m_text.empty() && newest && *newest && (*newest)->text == shown;
        if (known) {
            m_revision = (*newest)->n;
        } else {
            const PoolConfig config = m_loader.check(pool.text).config;
            const std::string before = !m_text.empty() ? m_text : newest && *newest ? (*newest)->text : std::string();
            const auto n = m_revisions.add({0, now, by, summaryOf(config, before), shown});
            // It serves all the same: the file is the truth.
            if (!n)
                qCWarning(lcConfig, "the new config is not among the revisions: %s", n.error().message.c_str());
            m_revision = n.value_or(m_revision + 1);
        }
        m_text = pool.text;
    }
    pool.active->revision = std::uint64_t(m_revision);
}

tl::expected<EditDone, EditRefusal> PoolEditor::replace(const std::string &text, const ChangeOrigin &origin,
                                                        bool unlessFileIsNewer, TimePoint now)
{
    auto done = tryReplace(text, origin, unlessFileIsNewer, now);
    if (!done || !m_applied)
        m_loader.secrets().drop();
    return done;
}

tl::expected<EditDone, EditRefusal> PoolEditor::tryReplace(const std::string &text, const ChangeOrigin &origin,
                                                           bool unlessFileIsNewer, TimePoint now)
{
    m_applied = false;
    auto filled = fillHiddenSecrets(text, m_text);
    if (!filled)
        return tl::unexpected(EditRefusal{422, filled.error().code, "", {{1, 1, "document", filled.error().message}}});
    auto loaded = m_loader.loadText(std::move(*filled), 0, now);
    if (!loaded)
        return tl::unexpected(EditRefusal{422, "invalid_document", "", loaded.error().inDocument});
    if (unlessFileIsNewer) {
        const auto file = m_loader.readText();
        if (!file || *file != m_text)
            return tl::unexpected(EditRefusal{412,
                                              "config_changed",
                                              "The file on disk is newer than the config in force (revision " +
                                                  std::to_string(m_revision) +
                                                  "); look at it, and GET the pool again once it is applied.",
                                              {}});
    }
    if (loaded->text == m_text && !m_text.empty()) {
        const auto file = m_loader.readText();
        if (file && *file == m_text)
            return EditDone{m_revision, "nothing changed"};
    }
    auto replacement = PoolFileReplacement::prepare(m_loader.path(), loaded->text);
    if (!replacement)
        return tl::unexpected(refusalOf(replacement.error()));
    EditDone done{0, summaryOf(m_loader.check(loaded->text).config, m_text)};
    const std::string shown = hideLiteralSecrets(loaded->text);
    // The revision first: when it is kept and the file then is not replaced, it is taken back; a file replaced whose
    // revision is missing could not be told from somebody else's edit.
    const auto kept =
        m_revisions.database()->inTransaction("keep a revision of the pool config", [&]() -> Result<void> {
            const auto n = m_revisions.add({0, now, "admin", done.summary, shown});
            if (!n)
                return tl::unexpected(n.error());
            done.revision = *n;
            const std::string subject = "revision " + std::to_string(*n);
            return m_audit.add("admin", origin.action,
                               origin.subject.empty() ? subject : origin.subject + " as " + subject, origin.address,
                               now);
        });
    if (!kept)
        return tl::unexpected(refusalOf(kept.error()));
    if (auto committed = replacement->commit(); !committed) {
        if (auto removed = m_revisions.remove(done.revision); !removed)
            qCWarning(lcConfig, "%s", removed.error().message.c_str());
        return tl::unexpected(refusalOf(committed.error()));
    }
    m_text = loaded->text;
    m_revision = done.revision;
    loaded->active->revision = std::uint64_t(m_revision);
    m_apply(std::move(*loaded));
    m_applied = true;
    return done;
}

} // namespace keymux
