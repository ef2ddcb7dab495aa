// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/secrets/secretfield.h"

#include <QEvent>
#include <QRegularExpression>
#include <QSyntaxHighlighter>

using namespace Qt::StringLiterals;

namespace keymux::gui {

/// Paints the letters of what could be a secret in the colour behind them.
class SecretField::Bars : public QSyntaxHighlighter {
public:
    explicit Bars(SecretField &field) : QSyntaxHighlighter(field.document()), m_field(field) {}

protected:
    void highlightBlock(const QString &text) override
    {
        if (m_field.m_revealed)
            return;
        // Providers' keys are longer than this, and end with `=` only as padding; what a value follows is a name.
        static const QRegularExpression secret(
            uR"([^\s"'`,;=:]{16,}+(?:={1,2}(?=["'`]?(?:[\s,;}\]]|$))|(?!["'`]?\s*[=:])))"_s);
        QColor colour = m_field.palette().color(QPalette::Mid);
        colour.setAlphaF(1);
        QTextCharFormat bar;
        bar.setForeground(colour);
        bar.setBackground(colour);
        for (auto it = secret.globalMatch(text); it.hasNext();) {
            const QRegularExpressionMatch match = it.next();
            setFormat(int(match.capturedStart()), int(match.capturedLength()), bar);
        }
    }

private:
    SecretField &m_field;
};

SecretField::SecretField(QWidget *parent) : QPlainTextEdit(parent), m_bars(new Bars(*this))
{
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setTabChangesFocus(true);
    paintSelection();
}

void SecretField::setRevealed(bool revealed)
{
    m_revealed = revealed;
    paintSelection();
    m_bars->rehighlight();
}

/// Selected text has the selection's colour, whatever its own is.
void SecretField::paintSelection()
{
    QPalette own;
    if (!m_revealed) {
        for (const auto group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled})
            own.setColor(group, QPalette::HighlightedText, palette().color(group, QPalette::Highlight));
    }
    setPalette(own);
}

void SecretField::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        paintSelection();
        m_bars->rehighlight();
    }
}

} // namespace keymux::gui
