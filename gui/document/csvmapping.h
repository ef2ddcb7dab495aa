// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/csvtext.h"

#include <QStringList>
#include <array>
#include <optional>

namespace keymux::gui {

/// What a column of a pasted table can be to the import.
enum class CsvRole : quint8 { Name, Secret, Provider, Group };
constexpr int csvRoles = 4;

/// Which column has which role, and whether the first line names the columns. -1: none has it.
struct CsvMapping {
    bool header = true;
    std::array<int, csvRoles> columns{-1, -1, -1, -1};

    int of(CsvRole role) const { return columns[std::size_t(role)]; }
    void set(CsvRole role, int column) { columns[std::size_t(role)] = column; }
    bool operator==(const CsvMapping &) const = default;
};

QString csvRoleName(CsvRole role);

/// A table of keys as it was pasted, before anybody has said what its columns mean. Pure.
class CsvTable {
public:
    /// A line that is left out, and why.
    struct Skipped {
        int line = 0;
        QString name, provider, why;
    };
    /// The table in the import's own words.
    struct Mapped {
        CsvReading table;
        QList<Skipped> skipped;
        QStringList notes; ///< sentences, without secrets
    };

    /// Nothing when the text is no table: a `.env` file, JSON, or bare keys.
    static std::optional<CsvTable> detect(const QByteArray &text);

    int columns() const { return m_width; }
    /// By the header, or by number; a cell that could be a secret is masked.
    QString title(int column, bool header) const;
    QStringList titles(bool header) const;
    /// The first values of a column; masked in a column that holds secrets, or could.
    QString sample(int column, const CsvMapping &mapping) const;
    bool looksLikeHeader() const { return m_header; }
    /// What the header and the shape of the values say.
    CsvMapping guess(bool header) const;
    /// Why this mapping cannot be meant, a sentence; empty when it can. `provider`: chosen for all keys, or empty.
    QString problem(const CsvMapping &mapping, const QString &provider) const;
    /// Only of a mapping without a problem.
    Mapped mapped(const CsvMapping &mapping, const QString &provider) const;
    /// Overwrites the cells.
    void forget();

private:
    QString headerAt(int column) const;
    QString cell(const CsvRow &row, int column) const;
    qsizetype firstRow(bool header) const { return header ? 1 : 0; }
    double secretShare(int column, bool header) const;
    double providerShare(int column, bool header) const;
    bool isDistinct(int column, bool header) const;
    bool isHidden(int column, const CsvMapping &mapping) const;
    bool anyNameSaysWhose(const CsvMapping &mapping) const;
    QList<int> leftOut(const CsvMapping &mapping, QStringList &notes) const;
    CsvRow headerRow(const CsvMapping &mapping, bool addProvider) const;

    CsvReading m_reading;
    int m_width = 0;
    bool m_header = false;
};

/// Could this value be a key? Only for hiding and for guessing.
bool looksLikeSecret(const QString &value);

} // namespace keymux::gui
