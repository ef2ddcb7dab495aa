// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QChar>
#include <QColor>
#include <QIcon>
#include <QPalette>
#include <QString>

namespace keymux::gui {

/// What a colour stands for. Each has a value for light and one for dark windows, with AA contrast to the window.
enum class Tone { Good, Warning, Bad, Off, Accent, Muted };

bool isDark(const QPalette &palette);
QColor toneColour(Tone tone, const QPalette &palette);
/// A wash of the tone, for backgrounds behind ordinary text.
QColor toneWash(Tone tone, const QPalette &palette);
/// The colour of the n-th line of a chart; eight that people with any colour vision tell apart, then again.
QColor lineColour(int n, const QPalette &palette);

/// An icon of this program (`theme/icons/NAME.svg`), drawn in the palette's text colour at any size.
QIcon themedIcon(const QString &name, const QPalette &palette);

} // namespace keymux::gui
