// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPlainTextEdit>

namespace keymux::gui {

/// A text with secrets in it: whatever could be one is painted as a bar, selected or not, until it is revealed.
class SecretField : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit SecretField(QWidget *parent = nullptr);

    void setRevealed(bool revealed);

protected:
    void changeEvent(QEvent *event) override;

private:
    class Bars;

    void paintSelection();

    Bars *m_bars;
    bool m_revealed = false;
};

} // namespace keymux::gui
