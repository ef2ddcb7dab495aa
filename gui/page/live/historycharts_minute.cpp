// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/live/historycharts.h"

#include "core/utczone.h"

#include <QDateTime>
#include <QLabel>
#include <QSharedPointer>
#include <QUrl>
#include <algorithm>
#include <cmath>
#include <qcustomplot.h>

using namespace Qt::StringLiterals;

namespace keymux::gui {

bool HistoryCharts::isMinute() const
{
    return m_range->currentData().toInt() == minuteS;
}

/// What the charts say they show, which of the last minute is something else.
void HistoryCharts::showRange()
{
    const QStringList titles =
        isMinute() ? QStringList{tr("Attempts a second"), tr("Tokens within a minute"),
                                 tr("Refused and fallen back, a minute, over spans of 30 s"),
                                 tr("Time to the first byte, ms, over spans of 30 s")}
                   : QStringList{tr("Requests a minute"), tr("Tokens a minute"),
                                 tr("Refused and fallen back, a minute"), tr("Time to the first byte, ms")};
    for (int i = 0; i < titles.size(); ++i) {
        m_titles[i]->setText(titles[i]);
        m_charts[i]->setAccessibleName(titles[i]);
        QSharedPointer<QCPAxisTickerDateTime> ticker(new QCPAxisTickerDateTime);
        ticker->setDateTimeFormat(isMinute() ? u"HH:mm:ss"_s : u"HH:mm"_s);
        m_charts[i]->xAxis->setTicker(ticker);
        // A span is as wide as it is; a slope between two would tell what nobody measured.
        const bool spans = isMinute() && i >= troubleChart;
        for (int n = 0; n < m_charts[i]->graphCount(); ++n) {
            m_charts[i]->graph(n)->setLineStyle(spans ? QCPGraph::lsStepLeft : QCPGraph::lsLine);
            m_charts[i]->graph(n)->data()->clear();
        }
    }
    m_charts[requestsChart]->graph(0)->setName(isMinute() ? tr("Attempts") : tr("Requests"));
    m_newestMs = 0;
}

double HistoryCharts::gatewaySeconds() const
{
    return double(QDateTime::currentMSecsSinceEpoch() + m_session.clockOffsetMs()) / 1000;
}

bool HistoryCharts::belongs(const LiveDeployment &deployment) const
{
    const QString chosen = m_what->currentData().toString();
    const QString what = QUrl::fromPercentEncoding(chosen.section(u'=', 1).toLatin1());
    return what.isEmpty() || (chosen.startsWith("&key="_L1) ? deployment.keyId : deployment.model) == what;
}

void HistoryCharts::drawMinute()
{
    if (!isMinute() || !isVisible() || m_paused || !m_session.live().known())
        return;
    const double now = gatewaySeconds();
    const auto points = m_samples.points(m_session.live(), qint64(now * 1000), !m_session.isStale(),
                                         [this](const LiveDeployment &d) { return belongs(d); });
    QVector<double> x, attempts, errors, tokens;
    for (const LiveSamples::Point &point : points) {
        x.append(double(point.atMs) / 1000);
        attempts.append(point.gap ? qQNaN() : point.attempts);
        errors.append(point.gap ? qQNaN() : point.errors);
        tokens.append(point.gap ? qQNaN() : double(point.tokens));
        m_newestMs = std::max(m_newestMs, point.atMs);
    }
    m_charts[requestsChart]->graph(0)->setData(x, attempts, true);
    m_charts[requestsChart]->graph(1)->setData(x, errors, true);
    m_charts[tokensChart]->graph(0)->setData(x, tokens, true);
    drawLimit();
    finish(now - minuteS, now);
    const double since = double(m_samples.toldSinceMs()) / 1000;
    if (since > now - minuteS && !m_crosshairs.first()->visible())
        m_reading->setText(tr("Told second by second since %1")
                               .arg(QDateTime::fromSecsSinceEpoch(qint64(since)).toString(u"HH:mm:ss"_s)));
    else if (!m_crosshairs.first()->visible())
        m_reading->clear();
}

QString HistoryCharts::minuteCsv() const
{
    QStringList rows{u"at,attempts_a_second,errors_a_second,tokens_within_a_minute"_s};
    const auto attempts = m_charts[requestsChart]->graph(0)->data(), errors = m_charts[requestsChart]->graph(1)->data(),
               tokens = m_charts[tokensChart]->graph(0)->data();
    const auto number = [](double value) { return std::isnan(value) ? QString() : QString::number(value); };
    for (int i = 0; i < attempts->size(); ++i)
        rows.append(QStringList{
            QDateTime::fromMSecsSinceEpoch(qint64(attempts->at(i)->key * 1000), utcZone).toString(Qt::ISODateWithMs),
            number(attempts->at(i)->value), number(errors->at(i)->value), number(tokens->at(i)->value)}
                        .join(u','));
    return rows.join(u"\r\n"_s) + u"\r\n"_s;
}

} // namespace keymux::gui
