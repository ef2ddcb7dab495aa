// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/csvmapping.h"

#include "core/keyimport.h"
#include "core/keyimport_names.h"
#include "core/keyshapes.h"
#include "core/knownproviders.h"
#include "core/secretref.h"
#include "secrets/secret.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QSet>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

/// The words of this file, so that they are found for translation.
class CsvText {
    Q_DECLARE_TR_FUNCTIONS(CsvText)
};

struct HeaderWord {
    QLatin1StringView word;
    CsvRole role;
    int score;
};
// `key` is a name beside `value`, and a secret beside `name`.
const HeaderWord headerWords[] = {
    {"api_key"_L1, CsvRole::Secret, 4},     {"apikey"_L1, CsvRole::Secret, 4},
    {"secret"_L1, CsvRole::Secret, 4},      {"secret_key"_L1, CsvRole::Secret, 4},
    {"api_secret"_L1, CsvRole::Secret, 4},  {"token"_L1, CsvRole::Secret, 4},
    {"api_token"_L1, CsvRole::Secret, 4},   {"access_token"_L1, CsvRole::Secret, 4},
    {"key_value"_L1, CsvRole::Secret, 4},   {"password"_L1, CsvRole::Secret, 4},
    {"credential"_L1, CsvRole::Secret, 4},  {"value"_L1, CsvRole::Secret, 3},
    {"key"_L1, CsvRole::Secret, 2},         {"reference"_L1, CsvRole::Secret, 1},
    {"key_id"_L1, CsvRole::Name, 4},        {"name"_L1, CsvRole::Name, 3},
    {"key_name"_L1, CsvRole::Name, 3},      {"label"_L1, CsvRole::Name, 3},
    {"title"_L1, CsvRole::Name, 3},         {"alias"_L1, CsvRole::Name, 3},
    {"variable"_L1, CsvRole::Name, 3},      {"id"_L1, CsvRole::Name, 2},
    {"account"_L1, CsvRole::Name, 2},       {"username"_L1, CsvRole::Name, 2},
    {"user"_L1, CsvRole::Name, 2},          {"key"_L1, CsvRole::Name, 1},
    {"provider"_L1, CsvRole::Provider, 4},  {"vendor"_L1, CsvRole::Provider, 3},
    {"service"_L1, CsvRole::Provider, 3},   {"platform"_L1, CsvRole::Provider, 3},
    {"quota_group"_L1, CsvRole::Group, 4},  {"project"_L1, CsvRole::Group, 3},
    {"project_id"_L1, CsvRole::Group, 3},   {"organization"_L1, CsvRole::Group, 2},
    {"organisation"_L1, CsvRole::Group, 2},
};
const std::array<const char *, csvRoles> importWords{"key_id", "api_key", "provider", "quota_group"};
constexpr double shapeWeight = 5; ///< what the values show beats what a header says

QString wordOf(const QString &header)
{
    return header.trimmed().toLower().replace(u' ', u'_').replace(u'-', u'_');
}

int headerScore(const QString &header, CsvRole role)
{
    for (const HeaderWord &word : headerWords) {
        if (word.role == role && wordOf(header) == word.word)
            return word.score;
    }
    return 0;
}

bool isReference(const QString &value)
{
    return parseSecretRef(value.toStdString()).has_value();
}

QString masked(const QString &value)
{
    return QString::fromStdString(Secret(value.toStdString()).masked());
}

/// Words that the import would take for one of the roles; of a column that nobody chose for it they go.
bool isRoleWord(const QString &header)
{
    static const QSet<QString> words{u"provider"_s, u"key_id"_s, u"id"_s,         u"name"_s,
                                     u"api_key"_s,  u"key"_s,    u"quota_group"_s};
    return words.contains(wordOf(header));
}

} // namespace

QString csvRoleName(CsvRole role)
{
    switch (role) {
    case CsvRole::Name:
        return CsvText::tr("Name");
    case CsvRole::Secret:
        return CsvText::tr("Secret");
    case CsvRole::Provider:
        return CsvText::tr("Provider");
    case CsvRole::Group:
        return CsvText::tr("Quota group");
    }
    return {};
}

bool looksLikeSecret(const QString &value)
{
    const QString text = value.trimmed();
    const std::string plain = text.toStdString();
    if (withoutKeyShapes(plain) != plain)
        return true;
    static const QRegularExpression spoken(uR"(\s|://|@)"_s), run(u"[A-Za-z0-9]{14,}"_s),
        uuid(u"^[0-9a-fA-F-]{32,}$"_s), digit(u"[0-9]"_s), letter(u"[A-Za-z]"_s);
    if (text.contains(spoken) || isReference(text))
        return false;
    return text.contains(uuid) || (text.contains(run) && text.contains(digit) && text.contains(letter));
}

std::optional<CsvTable> CsvTable::detect(const QByteArray &text)
{
    static const QRegularExpression variable(u"^(export\\s+)?[A-Za-z_][A-Za-z0-9_]*\\s*="_s), comment(u"^#\\s*\\w"_s);
    const QString first = QString::fromUtf8(text.left(4096)).trimmed().section(u'\n', 0, 0);
    if (first.contains(variable) || first.contains(comment) || first.startsWith(u'{') || first.startsWith(u'['))
        return std::nullopt;
    CsvTable table;
    table.m_reading = readCsv({text.data(), std::size_t(text.size())});
    const auto &rows = table.m_reading.rows;
    if (rows.empty() || rows.front().size() < 2)
        return std::nullopt;
    table.m_width = int(rows.front().size());
    bool named = false, secret = false, keys = false;
    for (int i = 0; i < table.m_width; ++i) {
        const QString cell = table.headerAt(i);
        for (const HeaderWord &word : headerWords)
            named = named || wordOf(cell) == word.word;
        named = named || isTableColumn(cell.toStdString());
        secret = secret || looksLikeSecret(cell);
        keys = keys || table.secretShare(i, rows.size() > 1) > 0.4;
    }
    table.m_header = !secret && (named || (rows.size() > 1 && keys));
    if (!named && !secret && !keys)
        return std::nullopt;
    return table;
}

QString CsvTable::headerAt(int column) const
{
    return cell(m_reading.rows.front(), column);
}

QString CsvTable::cell(const CsvRow &row, int column) const
{
    return column >= 0 && column < int(row.size()) ? QString::fromStdString(row[std::size_t(column)].text).trimmed()
                                                   : QString();
}

QString CsvTable::title(int column, bool header) const
{
    const QString name = header ? headerAt(column) : QString();
    if (name.isEmpty())
        return CsvText::tr("Column %1").arg(column + 1);
    return looksLikeSecret(name) ? masked(name) : name.left(60);
}

QStringList CsvTable::titles(bool header) const
{
    QStringList all;
    for (int i = 0; i < m_width; ++i)
        all.append(title(i, header));
    return all;
}

double CsvTable::secretShare(int column, bool header) const
{
    int filled = 0, found = 0;
    for (auto i = std::size_t(firstRow(header)); i < m_reading.rows.size(); ++i) {
        const QString value = cell(m_reading.rows[i], column);
        filled += !value.isEmpty();
        found += looksLikeSecret(value) || (!value.isEmpty() && isReference(value));
    }
    return filled == 0 ? 0 : double(found) / filled;
}

double CsvTable::providerShare(int column, bool header) const
{
    int filled = 0, found = 0;
    for (auto i = std::size_t(firstRow(header)); i < m_reading.rows.size(); ++i) {
        const QString value = cell(m_reading.rows[i], column);
        filled += !value.isEmpty();
        found += !value.isEmpty() && knownProvider(keyIdOf(value.toStdString())) != nullptr;
    }
    return filled == 0 ? 0 : double(found) / filled;
}

bool CsvTable::isDistinct(int column, bool header) const
{
    QSet<QString> seen;
    for (auto i = std::size_t(firstRow(header)); i < m_reading.rows.size(); ++i) {
        const QString value = cell(m_reading.rows[i], column);
        if (value.isEmpty() || seen.contains(value))
            return false;
        seen.insert(value);
    }
    return true;
}

bool CsvTable::isHidden(int column, const CsvMapping &mapping) const
{
    return column == mapping.of(CsvRole::Secret) || column == guess(mapping.header).of(CsvRole::Secret) ||
           headerScore(headerAt(column), CsvRole::Secret) > 2 || secretShare(column, mapping.header) > 0;
}

QString CsvTable::sample(int column, const CsvMapping &mapping) const
{
    constexpr qsizetype most = 3, width = 28;
    if (column < 0 || column >= m_width)
        return {};
    const bool hidden = isHidden(column, mapping);
    QStringList values;
    for (auto i = std::size_t(firstRow(mapping.header)); i < m_reading.rows.size() && values.size() < most; ++i) {
        const QString value = cell(m_reading.rows[i], column);
        if (!value.isEmpty())
            values.append(hidden && !isReference(value) ? masked(value)
                          : value.size() > width        ? value.left(width) + u'…'
                                                        : value);
    }
    return values.isEmpty() ? CsvText::tr("empty") : values.join(u", "_s);
}

CsvMapping CsvTable::guess(bool header) const
{
    CsvMapping mapping;
    mapping.header = header;
    const auto take = [&](CsvRole role, const std::function<double(int)> &score) {
        double best = 0;
        for (int i = 0; i < m_width; ++i) {
            if (std::find(mapping.columns.begin(), mapping.columns.end(), i) != mapping.columns.end())
                continue;
            if (const double value = score(i) + (header ? headerScore(headerAt(i), role) : 0); value > best) {
                best = value;
                mapping.set(role, i);
            }
        }
    };
    take(CsvRole::Secret, [&](int i) { return shapeWeight * secretShare(i, header); });
    take(CsvRole::Provider, [&](int i) {
        const bool named = header && headerScore(headerAt(i), CsvRole::Name) > 1;
        return named ? 0.0 : shapeWeight * (providerShare(i, header) > 0.5);
    });
    take(CsvRole::Name, [&](int i) {
        const bool fits = !header && secretShare(i, header) == 0 && isDistinct(i, header);
        return fits ? 1.0 : 0.0;
    });
    take(CsvRole::Group, [](int) { return 0.0; });
    return mapping;
}

bool CsvTable::anyNameSaysWhose(const CsvMapping &mapping) const
{
    return std::any_of(m_reading.rows.begin() + firstRow(mapping.header), m_reading.rows.end(), [&](const CsvRow &row) {
        return providerInName(cell(row, mapping.of(CsvRole::Name)).toStdString()).has_value();
    });
}

QString CsvTable::problem(const CsvMapping &mapping, const QString &provider) const
{
    const int secret = mapping.of(CsvRole::Secret), name = mapping.of(CsvRole::Name);
    if (secret < 0)
        return CsvText::tr("Choose the column that holds the secrets.");
    for (int a = 0; a < csvRoles; ++a) {
        for (int b = a + 1; b < csvRoles; ++b) {
            const int column = mapping.columns[std::size_t(a)];
            if (column >= 0 && column == mapping.columns[std::size_t(b)])
                return CsvText::tr("%1 and %2 are both read from “%3”: choose another column for one of them.")
                    .arg(csvRoleName(CsvRole(a)), csvRoleName(CsvRole(b)), title(column, mapping.header));
        }
    }
    const auto begin = m_reading.rows.begin() + firstRow(mapping.header);
    if (std::all_of(begin, m_reading.rows.end(), [&](const CsvRow &row) { return cell(row, secret).isEmpty(); }))
        return CsvText::tr("“%1” is empty in every line: choose the column that holds the secrets.")
            .arg(title(secret, mapping.header));
    if (name >= 0 &&
        std::any_of(begin, m_reading.rows.end(), [&](const CsvRow &row) { return looksLikeSecret(cell(row, name)); }))
        return CsvText::tr("“%1” holds what looks like secrets, and names are shown everywhere: choose another column "
                           "for the name.")
            .arg(title(name, mapping.header));
    if (provider.isEmpty() && mapping.of(CsvRole::Provider) < 0 && !anyNameSaysWhose(mapping))
        return CsvText::tr("Nothing says whose keys these are: choose a provider above, or the column that names it.");
    return {};
}

QList<int> CsvTable::leftOut(const CsvMapping &mapping, QStringList &notes) const
{
    QList<int> columns;
    const int secret = mapping.of(CsvRole::Secret);
    const bool unlikely = secretShare(secret, mapping.header) == 0;
    for (int i = 0; i < m_width; ++i) {
        if (std::find(mapping.columns.begin(), mapping.columns.end(), i) != mapping.columns.end())
            continue;
        const QString header = mapping.header ? headerAt(i) : QString();
        const bool understood = isTableColumn(header.toStdString()) && !isRoleWord(header);
        if (secretShare(i, mapping.header) > 0.4 && !understood)
            notes.prepend(unlikely ? CsvText::tr("“%1” looks more like the secrets than “%2” does.")
                                         .arg(title(i, mapping.header), title(secret, mapping.header))
                                   : CsvText::tr("“%1” looks as if it held secrets, too; it is left out.")
                                         .arg(title(i, mapping.header)));
        else if (!understood)
            notes.append(CsvText::tr("“%1” is left out.").arg(title(i, mapping.header)));
        if (!understood)
            columns.append(i);
    }
    return columns;
}

CsvRow CsvTable::headerRow(const CsvMapping &mapping, bool addProvider) const
{
    CsvRow row;
    for (int i = 0; i < m_width; ++i) {
        CsvField field = mapping.header ? m_reading.rows.front()[std::size_t(i)] : CsvField{};
        const auto role = std::find(mapping.columns.begin(), mapping.columns.end(), i);
        if (role != mapping.columns.end())
            field.text = importWords[std::size_t(role - mapping.columns.begin())];
        row.push_back(std::move(field));
    }
    if (addProvider)
        row.push_back({importWords[std::size_t(CsvRole::Provider)], 1, 1});
    return row;
}

CsvTable::Mapped CsvTable::mapped(const CsvMapping &mapping, const QString &provider) const
{
    Mapped result;
    result.table.error = m_reading.error;
    const QList<int> gone = leftOut(mapping, result.notes);
    const bool addProvider = provider.isEmpty() && mapping.of(CsvRole::Provider) < 0;
    const auto add = [&](CsvRow &row) {
        for (auto it = gone.crbegin(); it != gone.crend(); ++it) {
            wipe(row[std::size_t(*it)].text); // it may be another secret
            row.erase(row.begin() + *it);
        }
        result.table.rows.push_back(row);
    };
    CsvRow head = headerRow(mapping, addProvider);
    add(head);
    for (auto i = std::size_t(firstRow(mapping.header)); i < m_reading.rows.size(); ++i) {
        CsvRow row = m_reading.rows[i];
        const QString name = cell(row, mapping.of(CsvRole::Name)), own = cell(row, mapping.of(CsvRole::Provider));
        const int line = row.front().line;
        const auto named = addProvider ? providerInName(name.toStdString()) : std::nullopt;
        const QString whose = !provider.isEmpty() ? provider : named ? QString::fromStdString(*named) : own;
        if (row.size() > std::size_t(m_width))
            result.skipped.append({line, name, whose, CsvText::tr("Line %1 has too many cells").arg(line)});
        else if (cell(row, mapping.of(CsvRole::Secret)).isEmpty())
            result.skipped.append({line, name, whose, CsvText::tr("Line %1 has no secret").arg(line)});
        else if (whose.isEmpty())
            result.skipped.append({line, name, whose, CsvText::tr("Line %1 does not say whose key it is").arg(line)});
        else {
            row.resize(std::size_t(m_width), CsvField{{}, line, 1});
            if (addProvider)
                row.push_back({whose.toStdString(), line, 1});
            add(row);
        }
        // A line that is left out may hold secrets, too.
        for (CsvField &field : row)
            wipe(field.text);
    }
    return result;
}

void CsvTable::forget()
{
    for (CsvRow &row : m_reading.rows) {
        for (CsvField &field : row)
            wipe(field.text);
    }
    m_reading = {};
    m_width = 0;
}

} // namespace keymux::gui
