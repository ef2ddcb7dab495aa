// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/secretsmodel.h"

#include "models/statustext.h"

#include <QBrush>
#include <QGuiApplication>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

QString placeOf(const QString &reference)
{
    if (reference == "***"_L1)
        return SecretsModel::tr("in the config itself");
    const QString scheme = reference.section(u':', 0, 0);
    if (scheme == "keychain"_L1)
        return SecretsModel::tr("keychain");
    if (scheme == "store"_L1)
        return SecretsModel::tr("sealed store");
    if (scheme == "env"_L1)
        return SecretsModel::tr("environment");
    if (scheme == "file"_L1)
        return SecretsModel::tr("file");
    if (scheme == "infisical"_L1)
        return u"Infisical"_s;
    if (scheme == "vault"_L1)
        return u"Vault"_s;
    return reference.endsWith("_PLACEHOLDER"_L1) ? SecretsModel::tr("by its name") : SecretsModel::tr("nowhere");
}

} // namespace

SecretsModel::SecretsModel(PoolDocument &document, GatewaySession &session, QObject *parent)
    : QAbstractTableModel(parent), m_document(document), m_session(session)
{
    connect(&document, &PoolDocument::changed, this, &SecretsModel::read);
    connect(&session, &GatewaySession::opened, this, [this] { m_tested.clear(); });
    connect(&session, &GatewaySession::liveChanged, this, [this](const LiveChange &change) {
        if ((change.keys || change.all) && !m_rows.isEmpty())
            Q_EMIT dataChanged(index(0, State), index(int(m_rows.size()) - 1, State));
    });
    read();
}

void SecretsModel::read()
{
    QList<Row> rows;
    const Json &document = m_document.json();
    if (document.contains("providers") && document["providers"].is_object()) {
        for (const auto &[name, provider] : document["providers"].items()) {
            const Json keys = provider.is_object() ? provider.value("keys", Json::array()) : Json::array();
            for (std::size_t i = 0; i < keys.size(); ++i) {
                const auto text = [&](const char *member) {
                    const auto it = keys[i].is_object() ? keys[i].find(member) : keys[i].end();
                    return it != keys[i].end() && it->is_string() ? QString::fromStdString(it->get<std::string>())
                                                                  : QString();
                };
                rows.append({text("key_id"), QString::fromStdString(name), text("api_key"),
                             Pointer("/providers") / name / "keys" / i});
            }
        }
    }
    const bool same = rows.size() == m_rows.size() &&
                      std::equal(rows.begin(), rows.end(), m_rows.begin(), [](const Row &a, const Row &b) {
                          return a.keyId == b.keyId && a.provider == b.provider && a.reference == b.reference &&
                                 a.pointer == b.pointer;
                      });
    if (same)
        return;
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

int SecretsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int SecretsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant SecretsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const char *const names[ColumnCount] = {QT_TR_NOOP("Key"),       QT_TR_NOOP("Provider"),
                                                   QT_TR_NOOP("Reference"), QT_TR_NOOP("Where"),
                                                   QT_TR_NOOP("State"),     QT_TR_NOOP("Last test")};
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return {};
    return tr(names[section]);
}

QString SecretsModel::stateOf(const QString &keyId, Tone &tone) const
{
    const LiveKey *key = m_session.live().key(keyId);
    if (!key) {
        tone = Tone::Muted;
        return tr("not applied");
    }
    tone = key->resolved ? Tone::Good : Tone::Bad;
    return key->resolved ? tr("found") : tr("not found");
}

QVariant SecretsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Row &row = m_rows[index.row()];
    Tone tone = Tone::Muted;
    if (role == Qt::ForegroundRole) {
        const auto tested = m_tested.constFind(row.keyId);
        if (index.column() == State)
            (void)stateOf(row.keyId, tone);
        else if (index.column() == Tested && tested != m_tested.constEnd())
            tone = tested->first ? Tone::Good : Tone::Bad;
        else
            return {};
        return QBrush(toneColour(tone, QGuiApplication::palette()));
    }
    if (role != Qt::DisplayRole && !(role == Qt::ToolTipRole && index.column() == Tested))
        return {};
    switch (index.column()) {
    case Key:
        return row.keyId;
    case Provider:
        return row.provider;
    case Reference:
        return row.reference;
    case Where:
        return placeOf(row.reference);
    case State:
        return stateOf(row.keyId, tone);
    case Tested:
        return m_tested.value(row.keyId).second;
    default:
        return {};
    }
}

void SecretsModel::setTested(const QString &keyId, bool ok, const QString &text)
{
    m_tested.insert(keyId, {ok, text});
    for (int i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].keyId == keyId)
            Q_EMIT dataChanged(index(i, Tested), index(i, Tested));
    }
}

} // namespace keymux::gui
