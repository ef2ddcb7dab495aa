// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/livestate.h"
#include "theme/colours.h"

#include <QCoreApplication>
#include <QList>

namespace keymux::gui {

/// The words, colours and letters in which the desktop shows what the gateway says; one place for all pages.
class StatusText {
    Q_DECLARE_TR_FUNCTIONS(StatusText)
public:
    static const QList<LiveStatus> &all();
    static QString name(LiveStatus status);
    static QString apiName(LiveStatus status); ///< as in `by_status`
    static Tone tone(LiveStatus status);
    /// One letter beside each colour, for whom colours do not tell apart.
    static QChar letter(LiveStatus status);
    static Qt::BrushStyle pattern(LiveStatus status);
    /// Why something rests: `minute_limit`, … ; an unknown one as it is.
    static QString reason(const QString &name);
    /// The gateway's wording of an event of the live feed as a sentence.
    static QString event(const QJsonObject &event);
    /// `4 s`, `3 min 20 s`, `2 h 5 min`: what is left until a moment, both in milliseconds.
    static QString timeLeft(qint64 ms);
    /// `1,234`, `12.3 K`, `4.5 M`.
    static QString shortNumber(qint64 number);
};

} // namespace keymux::gui
