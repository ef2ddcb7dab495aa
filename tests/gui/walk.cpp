// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/walk.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QScrollBar>
#include <QTabBar>

using namespace Qt::StringLiterals;

namespace keymux::gui::testing {

namespace {

/// Parts of Qt's own widgets, which are told by the whole.
bool isPart(const QWidget &widget)
{
    return widget.objectName().startsWith(u"qt_"_s) || qobject_cast<QLineEdit *>(widget.parentWidget()) ||
           qobject_cast<QComboBox *>(widget.parentWidget()) || qobject_cast<const QScrollBar *>(&widget);
}

QString called(const QWidget &widget)
{
    QAccessibleInterface *face = QAccessible::queryAccessibleInterface(const_cast<QWidget *>(&widget));
    return u"%1 “%2”"_s.arg(QString::fromLatin1(widget.metaObject()->className()),
                            face ? face->text(QAccessible::Name) : widget.objectName());
}

} // namespace

QStringList namelessIn(QWidget &root)
{
    QStringList nameless;
    const auto all = root.findChildren<QWidget *>();
    for (QWidget *widget : all) {
        if (isPart(*widget) || widget->focusPolicy() == Qt::NoFocus || !widget->isVisibleTo(&root) ||
            qobject_cast<QTabBar *>(widget))
            continue;
        QAccessibleInterface *face = QAccessible::queryAccessibleInterface(widget);
        if (!face || face->text(QAccessible::Name).trimmed().isEmpty())
            nameless.append(QString::fromLatin1(widget->metaObject()->className()) + u' ' + widget->objectName());
    }
    return nameless;
}

QStringList clippedIn(QWidget &root)
{
    QStringList clipped;
    const auto labels = root.findChildren<QLabel *>();
    for (const QLabel *label : labels) {
        if (!label->isVisibleTo(&root) || label->text().isEmpty())
            continue;
        // A text that wraps needs its height for the width it has; one that does not needs its width.
        if (label->wordWrap() ? label->height() < label->heightForWidth(label->width()) - 1
                              : label->width() < label->sizeHint().width() - 1 && label->width() < 900)
            clipped.append(u"%1 (%2 × %3)"_s.arg(label->text()).arg(label->width()).arg(label->height()));
    }
    const auto buttons = root.findChildren<QAbstractButton *>();
    for (const QAbstractButton *button : buttons) {
        if (button->isVisibleTo(&root) && !button->text().isEmpty() && button->width() < button->sizeHint().width() - 1)
            clipped.append(button->text());
    }
    const auto fields = root.findChildren<QLineEdit *>();
    for (const QLineEdit *field : fields) {
        const int room = field->width() - 16;
        if (field->isVisibleTo(&root) && field->text().isEmpty() &&
            field->fontMetrics().horizontalAdvance(field->placeholderText()) > room)
            clipped.append(u"%1 (in %2)"_s.arg(field->placeholderText()).arg(field->width()));
    }
    const auto lists = root.findChildren<QListWidget *>();
    for (const QListWidget *list : lists) {
        for (int i = 0; list->isVisibleTo(&root) && i < list->count(); ++i) {
            const QListWidgetItem *item = list->item(i);
            if (list->horizontalScrollBarPolicy() == Qt::ScrollBarAlwaysOff && !list->wordWrap() &&
                list->sizeHintForIndex(list->indexFromItem(item)).width() > list->viewport()->width())
                clipped.append(item->text());
        }
    }
    return clipped;
}

QStringList tabJumpsIn(QWidget &root)
{
    QList<QWidget *> stops;
    for (QWidget *w = root.nextInFocusChain(); w && w != &root; w = w->nextInFocusChain()) {
        if (root.isAncestorOf(w) && !isPart(*w) && (w->focusPolicy() & Qt::TabFocus) && w->isVisibleTo(&root) &&
            w->isEnabled() && !w->focusProxy())
            stops.append(w);
    }
    const auto place = [&root](const QWidget *w) { return QRect(w->mapTo(&root, QPoint(0, 0)), w->size()); };
    QStringList jumps;
    for (int i = 1; i < stops.size(); ++i) {
        const QRect before = place(stops[i - 1]), after = place(stops[i]);
        const bool up = after.bottom() < before.top() && after.left() < before.right();
        const bool back =
            after.right() < before.left() && after.top() < before.bottom() && after.bottom() > before.top();
        if (up || back)
            jumps.append(u"%1 → %2"_s.arg(called(*stops[i - 1]), called(*stops[i])));
    }
    return jumps;
}

void look(Desk &desk, QWidget &widget, const QString &name)
{
    QAccessible::setActive(true);
    const QString language = QLocale().name().section(u'_', 0, 0);
    QString suffix = widget.devicePixelRatioF() > 1 ? u"-2x"_s : QString();
    if (language != "en"_L1)
        suffix += u'-' + language;
    for (const auto &[theme, light] :
         {std::pair{Theme::Choice::Dark, u"dark"_s}, std::pair{Theme::Choice::Light, u"light"_s}}) {
        desk.theme().choose(theme);
        QCoreApplication::processEvents();
        Desk::shoot(widget, u"%1-%2%3"_s.arg(name, light, suffix));
        const auto say = [&](const QString &what, const QStringList &found) {
            return QString(name + u' ' + light + u": "_s + what + u'\n' + found.join(u'\n')).toUtf8();
        };
        if (const QStringList found = namelessIn(widget); !found.isEmpty())
            QFAIL(say(u"nameless"_s, found).constData());
        if (const QStringList found = clippedIn(widget); !found.isEmpty())
            QFAIL(say(u"clipped"_s, found).constData());
        if (const QStringList found = tabJumpsIn(widget); !found.isEmpty())
            QFAIL(say(u"Tab goes back"_s, found).constData());
    }
}

} // namespace keymux::gui::testing
