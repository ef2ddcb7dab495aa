// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/pool/changesview.h"

#include "theme/colours.h"

#include <QHeaderView>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr std::size_t mostRows = 2000;
constexpr qsizetype longestValue = 200;

QString valueText(const Json &value)
{
    if (value.is_null())
        return u"–"_s;
    const QString text = QString::fromStdString(
        value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace));
    return text.size() > longestValue ? text.left(longestValue) + u'…' : text;
}

QString signOf(JsonChange::Kind kind)
{
    switch (kind) {
    case JsonChange::Kind::Added:
        return u"+"_s;
    case JsonChange::Kind::Removed:
        return u"−"_s;
    case JsonChange::Kind::Moved:
        return u"↕"_s;
    case JsonChange::Kind::Changed:
        break;
    }
    return u"~"_s;
}

} // namespace

ChangesView::ChangesView(QWidget *parent) : QTreeWidget(parent)
{
    setColumnCount(4);
    setHeaderLabels({QString(), tr("What"), tr("Before"), tr("After")});
    setRootIsDecorated(false);
    setUniformRowHeights(true);
    setAlternatingRowColors(true);
    setAccessibleName(tr("Changes"));
    header()->setStretchLastSection(false);
    header()->setSectionResizeMode(1, QHeaderView::Stretch);
    header()->resizeSection(0, 28);
    header()->resizeSection(2, 110);
    header()->resizeSection(3, 110);
}

void ChangesView::show(const std::vector<JsonChange> &changes)
{
    clear();
    QList<QTreeWidgetItem *> items;
    for (const JsonChange &change : changes) {
        if (std::size_t(items.size()) == mostRows)
            break;
        const bool moved = change.kind == JsonChange::Kind::Moved;
        auto *item = new QTreeWidgetItem({signOf(change.kind), QString::fromStdString(change.path),
                                          moved ? QString() : valueText(change.before),
                                          moved ? tr("another order") : valueText(change.after)});
        const Tone tone = change.kind == JsonChange::Kind::Added     ? Tone::Good
                          : change.kind == JsonChange::Kind::Removed ? Tone::Bad
                                                                     : Tone::Accent;
        item->setForeground(0, toneColour(tone, palette()));
        item->setSizeHint(0, QSize(0, 26));
        item->setToolTip(1, item->text(1));
        item->setToolTip(3, item->text(3));
        items.append(item);
    }
    addTopLevelItems(items);
}

} // namespace keymux::gui
