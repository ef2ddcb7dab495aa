// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/statustext.h"

#include <QHash>
#include <QLocale>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

const QList<LiveStatus> &StatusText::all()
{
    static const QList<LiveStatus> list{LiveStatus::Ready,   LiveStatus::Limited, LiveStatus::Cooling,
                                        LiveStatus::Probing, LiveStatus::Blocked, LiveStatus::Unresolved,
                                        LiveStatus::Disabled};
    return list;
}

QString StatusText::name(LiveStatus status)
{
    switch (status) {
    case LiveStatus::Ready:
        return tr("ready");
    case LiveStatus::Limited:
        return tr("at its limit");
    case LiveStatus::Cooling:
        return tr("cooling");
    case LiveStatus::Probing:
        return tr("on trial");
    case LiveStatus::Blocked:
        return tr("blocked");
    case LiveStatus::Disabled:
        return tr("switched off");
    case LiveStatus::Unresolved:
        return tr("without secret");
    case LiveStatus::Unknown:
        break;
    }
    return tr("unknown");
}

QString StatusText::apiName(LiveStatus status)
{
    switch (status) {
    case LiveStatus::Ready:
        return u"ready"_s;
    case LiveStatus::Limited:
        return u"limited"_s;
    case LiveStatus::Cooling:
        return u"cooling"_s;
    case LiveStatus::Probing:
        return u"probing"_s;
    case LiveStatus::Blocked:
        return u"blocked"_s;
    case LiveStatus::Disabled:
        return u"disabled"_s;
    case LiveStatus::Unresolved:
        return u"unresolved"_s;
    case LiveStatus::Unknown:
        break;
    }
    return {};
}

Tone StatusText::tone(LiveStatus status)
{
    switch (status) {
    case LiveStatus::Ready:
        return Tone::Good;
    case LiveStatus::Limited:
    case LiveStatus::Probing:
        return Tone::Warning;
    case LiveStatus::Cooling:
    case LiveStatus::Blocked:
    case LiveStatus::Unresolved:
        return Tone::Bad;
    case LiveStatus::Disabled:
    case LiveStatus::Unknown:
        break;
    }
    return Tone::Off;
}

QChar StatusText::letter(LiveStatus status)
{
    switch (status) {
    case LiveStatus::Ready:
        return u' ';
    case LiveStatus::Limited:
        return u'L';
    case LiveStatus::Cooling:
        return u'C';
    case LiveStatus::Probing:
        return u'T';
    case LiveStatus::Blocked:
        return u'B';
    case LiveStatus::Disabled:
        return u'–';
    case LiveStatus::Unresolved:
        return u'?';
    case LiveStatus::Unknown:
        break;
    }
    return u'?';
}

Qt::BrushStyle StatusText::pattern(LiveStatus status)
{
    switch (status) {
    case LiveStatus::Limited:
        return Qt::BDiagPattern;
    case LiveStatus::Probing:
        return Qt::FDiagPattern;
    case LiveStatus::Blocked:
        return Qt::DiagCrossPattern;
    case LiveStatus::Unresolved:
        return Qt::Dense6Pattern;
    default:
        return Qt::SolidPattern;
    }
}

QString StatusText::reason(const QString &name)
{
    // Rests by their names in the API; what a fallback came from is told in the gateway's words.
    static const QHash<QString, const char *> texts{
        {u"rate_limit"_s, QT_TR_NOOP("rate limit")},
        {u"rate limit"_s, QT_TR_NOOP("rate limit")},
        {u"day_quota"_s, QT_TR_NOOP("day's quota spent")},
        {u"day quota spent"_s, QT_TR_NOOP("day's quota spent")},
        {u"no_quota"_s, QT_TR_NOOP("no quota for this model")},
        {u"no quota for this model"_s, QT_TR_NOOP("no quota for this model")},
        {u"bad_key"_s, QT_TR_NOOP("key refused")},
        {u"key refused"_s, QT_TR_NOOP("key refused")},
        {u"billing"_s, QT_TR_NOOP("credit spent")},
        {u"credit spent"_s, QT_TR_NOOP("credit spent")},
        {u"model_missing"_s, QT_TR_NOOP("model not found")},
        {u"model not found"_s, QT_TR_NOOP("model not found")},
        {u"denied"_s, QT_TR_NOOP("access denied")},
        {u"access denied"_s, QT_TR_NOOP("access denied")},
        {u"region"_s, QT_TR_NOOP("region not supported")},
        {u"region not supported"_s, QT_TR_NOOP("region not supported")},
        {u"overload"_s, QT_TR_NOOP("provider overloaded")},
        {u"provider failure"_s, QT_TR_NOOP("provider failure")},
        {u"address_limit"_s, QT_TR_NOOP("provider limits this address")},
        {u"never sent"_s, QT_TR_NOOP("never sent")},
        {u"unknown field"_s, QT_TR_NOOP("unknown field")},
        {u"other credential header wanted"_s, QT_TR_NOOP("other credential header wanted")},
        {u"timeout"_s, QT_TR_NOOP("no answer in time")},
        {u"network failure"_s, QT_TR_NOOP("network failure")},
        {u"unusable answer"_s, QT_TR_NOOP("unusable answer")}};
    const char *text = texts.value(name);
    return text ? tr(text) : name;
}

QString StatusText::event(const QJsonObject &event)
{
    QString kind = event["event"_L1].toString();
    const QString subject = event["subject"_L1].toString();
    const QString why = reason(event["reason"_L1].toString());
    if (kind == "fallback"_L1)
        return tr("%1: from %2 to %3 (%4)")
            .arg(event["model"_L1].toString(), event["from"_L1].toString(), event["to"_L1].toString(), why);
    if (kind == "cooldown_started"_L1)
        return tr("%1 cools down: %2").arg(subject, why);
    if (kind == "cooldown_ended"_L1)
        return tr("%1 is back").arg(subject);
    if (kind == "key_failed"_L1)
        return tr("Key %1 failed: %2").arg(event["key_id"_L1].toString(), why);
    if (kind == "config_applied"_L1)
        return tr("Revision %1 applied: %2 keys, %3 deployments")
            .arg(event["revision"_L1].toInteger())
            .arg(event["keys"_L1].toInteger())
            .arg(event["deployments"_L1].toInteger());
    if (kind == "virtual_key_limited"_L1)
        return tr("Virtual key %1 is at its limit (%2)")
            .arg(event["virtual_key"_L1].toString(), event["limit"_L1].toString());
    if (kind == "left_out"_L1)
        return tr("%n more event(s) were not told", nullptr, event["count"_L1].toInt());
    return kind;
}

QString StatusText::timeLeft(qint64 ms)
{
    const qint64 s = std::max<qint64>(0, (ms + 999) / 1000);
    if (s < 60)
        return tr("%1 s").arg(s);
    if (s < 3600)
        return tr("%1 min %2 s").arg(s / 60).arg(s % 60);
    if (s < qint64(48) * 3600)
        return tr("%1 h %2 min").arg(s / 3600).arg(s / 60 % 60);
    return tr("%1 days").arg(s / 86400);
}

QString StatusText::shortNumber(qint64 number)
{
    const QLocale locale;
    if (number < 10000)
        return locale.toString(number);
    if (number < 1000000)
        return tr("%1 K").arg(locale.toString(double(number) / 1e3, 'f', 1));
    return tr("%1 M").arg(locale.toString(double(number) / 1e6, 'f', 1));
}

} // namespace keymux::gui
