// SPDX-License-Identifier: GPL-3.0-or-later
// A walk through a window as a person with any eyes, ears and screen meets it.
#pragma once

#include "gui/desk.h"

namespace keymux::gui::testing {

/// What can take the focus and says nothing to a screen reader.
QStringList namelessIn(QWidget &root);

/// Texts that do not fit into their place.
QStringList clippedIn(QWidget &root);

/// Steps of the Tab key that jump back up, past what was left out.
QStringList tabJumpsIn(QWidget &root);

/// Takes pictures of the widget in light and dark, `NAME-light.png` and `NAME-dark.png` with `-2x` on a screen of
/// double resolution and the language's code when it is not English, and walks it in both. Fails the test where the
/// walk finds anything.
void look(Desk &desk, QWidget &widget, const QString &name);

} // namespace keymux::gui::testing
