// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/changewords.h"

#include "core/configdiff.h"

#include <QCoreApplication>
#include <QStringList>

namespace keymux::gui {

namespace {

constexpr std::size_t namedAtMost = 5;

/// The words of this file, so that they are found for translation.
class ChangeWords {
    Q_DECLARE_TR_FUNCTIONS(ChangeWords)
public:
    static QString names(const ConfigChange &change)
    {
        QStringList named;
        for (std::size_t i = 0; i < std::min(change.names.size(), namedAtMost); ++i)
            named.append(QString::fromStdString(change.names[i]));
        const QString list = named.join(QStringLiteral(", "));
        return change.names.size() <= namedAtMost
                   ? list
                   : tr("%1 and %n more", nullptr, int(change.names.size() - namedAtMost)).arg(list);
    }
    static QString of(const ConfigChange &change)
    {
        using What = ConfigChange::What;
        switch (change.what) {
        case What::ProvidersAdded:
            return tr("Providers added: %1").arg(names(change));
        case What::ProvidersRemoved:
            return tr("Providers removed: %1").arg(names(change));
        case What::KeysAdded:
            return tr("Keys added: %1").arg(names(change));
        case What::KeysRemoved:
            return tr("Keys removed: %1").arg(names(change));
        case What::ModelsAdded:
            return tr("Models added: %1").arg(names(change));
        case What::ModelsRemoved:
            return tr("Models removed: %1").arg(names(change));
        case What::KeysChanged:
            return tr("Keys changed: %1").arg(names(change));
        case What::ProvidersChanged:
            return tr("Providers changed: %1").arg(names(change));
        case What::Routing:
            return tr("Routing changed");
        case What::SecretSources:
            return tr("Secret sources changed");
        case What::ServerOptions:
            return tr("Server options changed");
        case What::Order:
            return tr("Order changed");
        case What::LayoutOnly:
            break;
        }
        return tr("Comments or layout only");
    }
};

} // namespace

QString changeInWords(const PoolConfig &before, const PoolConfig &after)
{
    QStringList all;
    for (const ConfigChange &change : changesBetween(before, after))
        all.append(ChangeWords::of(change));
    return all.join(QStringLiteral(" · "));
}

} // namespace keymux::gui
