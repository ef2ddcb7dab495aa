// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/commandpalette.h"

#include "theme/colours.h"
#include "widgets/dialogs.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QPointer>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

namespace keymux::gui {

namespace {

QString plainName(const QAction &action)
{
    QString name = action.text();
    name.remove(u'&');
    while (name.endsWith(u'…'))
        name.chop(1);
    return name;
}

constexpr int keysRole = Qt::UserRole + 1;

/// A command's name on the left, its shortcut on the right.
class CommandDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const bool selected = option.state & QStyle::State_Selected;
        painter->setPen(selected ? option.palette.color(QPalette::HighlightedText)
                                 : toneColour(Tone::Muted, option.palette));
        painter->drawText(option.rect.adjusted(8, 0, -10, 0), Qt::AlignRight | Qt::AlignVCenter,
                          index.data(keysRole).toString());
    }
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        return QStyledItemDelegate::sizeHint(option, index).expandedTo({0, 30});
    }
};

} // namespace

int commandScore(const QString &command, const QString &text)
{
    int score = 0;
    const QStringList words = text.split(u' ', Qt::SkipEmptyParts);
    for (const QString &word : words) {
        const qsizetype at = command.indexOf(word, 0, Qt::CaseInsensitive);
        if (at < 0)
            return -1;
        const bool startsWord = at == 0 || !command[at - 1].isLetterOrNumber();
        score += at == 0 ? 3 : startsWord ? 2 : 1;
    }
    return score;
}

CommandPalette::CommandPalette(const QList<QAction *> &actions, QWidget *parent)
    : QDialog(parent, Qt::Dialog), m_actions(actions), m_text(new QLineEdit), m_list(new QListWidget),
      m_nothing(new QLabel(tr("No command of this page is called that.")))
{
    setWindowTitle(tr("Commands"));
    setObjectName(QStringLiteral("commandPalette"));
    resize(520, 380);
    m_text->setPlaceholderText(tr("Type a command"));
    m_text->setAccessibleName(tr("Command"));
    m_text->setClearButtonEnabled(true);
    m_text->installEventFilter(this);
    m_list->setAccessibleName(tr("Commands that fit"));
    m_list->setItemDelegate(new CommandDelegate(m_list));
    m_nothing->setProperty("role", QStringLiteral("muted"));
    m_nothing->setAlignment(Qt::AlignCenter);
    auto *column = dialogColumn(*this);
    column->addWidget(m_text);
    column->addWidget(m_list, 1);
    column->addWidget(m_nothing, 1);
    connect(m_text, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_text, &QLineEdit::returnPressed, this, &CommandPalette::run);
    connect(m_list, &QListWidget::itemActivated, this, &CommandPalette::run);
    filter({});
}

void CommandPalette::filter(const QString &text)
{
    QList<std::pair<int, QAction *>> found;
    for (QAction *action : std::as_const(m_actions)) {
        const int score = commandScore(plainName(*action), text);
        if (score >= 0 && action->isEnabled() && !action->isSeparator() && !action->text().isEmpty())
            found.append({score, action});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
    m_list->clear();
    for (const auto &[score, action] : std::as_const(found)) {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        auto *item = new QListWidgetItem(action->icon(), plainName(*action));
        item->setData(keysRole, keys);
        item->setData(Qt::AccessibleTextRole, QStringList{plainName(*action), keys}.join(u' ').trimmed());
        item->setData(Qt::UserRole, QVariant::fromValue(QPointer<QAction>(action)));
        m_list->addItem(item);
    }
    m_list->setCurrentRow(0);
    m_list->setVisible(!found.isEmpty());
    m_nothing->setVisible(found.isEmpty());
}

void CommandPalette::run()
{
    const QListWidgetItem *item = m_list->currentItem();
    const auto action = item ? item->data(Qt::UserRole).value<QPointer<QAction>>() : QPointer<QAction>();
    accept();
    if (action)
        action->trigger();
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_text || event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const int key = static_cast<QKeyEvent *>(event)->key();
    const int step = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
    if (step == 0)
        return QDialog::eventFilter(watched, event);
    m_list->setCurrentRow(std::clamp(m_list->currentRow() + step, 0, std::max(0, m_list->count() - 1)));
    return true;
}

} // namespace keymux::gui
