// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/live/historycharts.h"

#include "core/utczone.h"
#include "models/statustext.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QSharedPointer>
#include <QVBoxLayout>
#include <algorithm>
#include <qcustomplot.h>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int fineStepS = 30;

double secondsOf(const QJsonValue &value)
{
    return double(QDateTime::fromString(value.toString(), Qt::ISODateWithMs).toMSecsSinceEpoch()) / 1000;
}

} // namespace

QList<HistoryCharts::Line> HistoryCharts::lines()
{
    return {
        {u"requests"_s, tr("Requests"), requestsChart, 60},  {u"errors"_s, tr("Errors"), requestsChart, 60},
        {u"tokens"_s, tr("Tokens"), tokensChart, 60},        {u"rate_limited"_s, tr("Answered 429"), troubleChart, 60},
        {u"fallbacks"_s, tr("Fallbacks"), troubleChart, 60}, {u"latency_p50_ms"_s, tr("p50"), latencyChart, 1},
        {u"latency_p95_ms"_s, tr("p95"), latencyChart, 1}};
}

HistoryCharts::HistoryCharts(GatewaySession &session, QWidget *parent)
    : QWidget(parent), m_session(session), m_range(new QComboBox), m_what(new QComboBox), m_reading(new QLabel)
{
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    for (const auto &[name, seconds] :
         {std::pair{tr("1 minute"), minuteS}, std::pair{tr("15 minutes"), 900}, std::pair{tr("1 hour"), 3600},
          std::pair{tr("3 hours"), 10800}, std::pair{tr("6 hours"), 21600}, std::pair{tr("24 hours"), 86400}})
        m_range->addItem(name, seconds);
    m_range->setCurrentIndex(2);
    m_range->setAccessibleName(tr("Range"));
    m_what->setAccessibleName(tr("Of which models"));
    m_what->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_reading->setProperty("role", QStringLiteral("muted"));
    row->addWidget(m_what);
    row->addWidget(m_range);
    row->addStretch();
    row->addWidget(m_reading);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 6, 0, 0);
    column->setSpacing(2);
    column->addLayout(row);
    for (int i = 0; i <= latencyChart; ++i) {
        auto *label = new QLabel;
        label->setProperty("role", QStringLiteral("heading"));
        m_titles.append(label);
        column->addSpacing(4);
        column->addWidget(label);
        column->addWidget(addChart(), 1);
    }
    const auto all = lines();
    for (const Line &line : all) {
        QCPGraph *graph = m_charts[line.chart]->addGraph();
        graph->setName(line.name);
    }
    m_limit = new QCPItemStraightLine(m_charts[requestsChart]);
    m_limit->setVisible(false);
    colour();
    m_again.setInterval(5000);
    connect(&m_again, &QTimer::timeout, this, &HistoryCharts::ask);
    m_again.start();
    m_second.setInterval(1000);
    connect(&m_second, &QTimer::timeout, this, &HistoryCharts::drawMinute);
    m_second.start();
    connect(m_range, &QComboBox::currentIndexChanged, this, [this] {
        showRange();
        ask();
    });
    connect(m_what, &QComboBox::currentIndexChanged, this, &HistoryCharts::ask);
    connect(&session, &GatewaySession::opened, this, [this] {
        m_samples.clear();
        fillModels();
    });
    connect(&session, &GatewaySession::liveChanged, this, [this](const LiveChange &change) {
        m_samples.add(m_session.live(), change, m_session.feed().intervalMs());
        if (change.all)
            fillModels();
    });
    const auto broken = [this] { m_samples.breakOff(); };
    connect(&session.feed(), &LiveFeed::gap, this, broken);
    connect(&session.feed(), &LiveFeed::statusChanged, this, [this, broken] {
        if (m_session.isStale())
            broken();
    });
    showRange();
    fillModels();
}

QCustomPlot *HistoryCharts::addChart()
{
    auto *chart = new QCustomPlot;
    chart->setMinimumHeight(84);
    chart->legend->setVisible(true);
    chart->axisRect()->insetLayout()->setInsetAlignment(0, Qt::AlignTop | Qt::AlignLeft);
    chart->legend->setFillOrder(QCPLegend::foColumnsFirst);
    chart->axisRect()->setAutoMargins(QCP::msLeft | QCP::msBottom);
    chart->axisRect()->setMargins(QMargins(0, 6, 12, 0));
    chart->yAxis->ticker()->setTickCount(3);
    // Every chart's plot begins at the same place, so that the crosshair goes straight down.
    chart->axisRect()->setMinimumMargins(QMargins(64, 6, 12, 18));
    auto *crosshair = new QCPItemStraightLine(chart);
    crosshair->setVisible(false);
    m_crosshairs.append(crosshair);
    auto *nothing = new QCPItemText(chart);
    nothing->position->setType(QCPItemPosition::ptAxisRectRatio);
    nothing->position->setCoords(0.5, 0.5);
    nothing->setText(tr("No figures in this span yet."));
    m_nothing.append(nothing);
    connect(chart, &QCustomPlot::mouseMove, this,
            [this, chart](QMouseEvent *event) { point(chart->xAxis->pixelToCoord(event->position().x())); });
    m_charts.append(chart);
    return chart;
}

void HistoryCharts::colour()
{
    const QColor text = palette().color(QPalette::Text), line = palette().color(QPalette::Mid);
    for (QCustomPlot *chart : std::as_const(m_charts)) {
        chart->setBackground(palette().color(QPalette::Base));
        for (QCPAxis *axis : {chart->xAxis, chart->yAxis}) {
            axis->setBasePen(QPen(line));
            axis->setTickPen(QPen(line));
            axis->setSubTickPen(Qt::NoPen);
            axis->setTickLabelColor(text);
            axis->grid()->setPen(QPen(line, 0, Qt::DotLine));
            axis->grid()->setZeroLinePen(QPen(line));
        }
        QColor behind = palette().color(QPalette::Base);
        behind.setAlpha(200);
        chart->legend->setBrush(behind);
        chart->legend->setBorderPen(Qt::NoPen);
        chart->legend->setTextColor(text);
        QFont small = font();
        small.setPointSizeF(small.pointSizeF() * 0.85);
        chart->legend->setFont(small);
        chart->xAxis->setTickLabelFont(small);
        chart->yAxis->setTickLabelFont(small);
        for (int i = 0; i < chart->graphCount(); ++i) {
            const QColor colour = lineColour(i, palette());
            chart->graph(i)->setPen(QPen(colour, 1.8, i == 0 ? Qt::SolidLine : Qt::DashDotLine));
            QColor wash = colour;
            wash.setAlpha(30);
            chart->graph(i)->setBrush(i == 0 ? QBrush(wash) : QBrush(Qt::NoBrush));
        }
    }
    for (QCPItemStraightLine *crosshair : std::as_const(m_crosshairs))
        crosshair->setPen(QPen(toneColour(Tone::Muted, palette()), 1));
    for (QCPItemText *nothing : std::as_const(m_nothing))
        nothing->setColor(toneColour(Tone::Muted, palette()));
    m_limit->setPen(QPen(toneColour(Tone::Bad, palette()), 1.4, Qt::DashLine));
    for (QCustomPlot *chart : std::as_const(m_charts))
        chart->replot(QCustomPlot::rpQueuedReplot);
}

void HistoryCharts::fillModels()
{
    QStringList names, keys;
    for (const LiveDeployment &d : m_session.live().deployments()) {
        if (!names.contains(d.model))
            names.append(d.model);
    }
    for (const LiveKey &key : m_session.live().keys())
        keys.append(key.keyId);
    constexpr int most = 500; // a list longer than this helps nobody
    const QString now = m_what->currentData().toString();
    const QSignalBlocker quiet(m_what);
    m_what->clear();
    m_what->addItem(tr("The whole pool"), QString());
    for (const QString &name : std::as_const(names))
        m_what->addItem(tr("Model %1").arg(name),
                        QString("&model="_L1 + QString::fromLatin1(QUrl::toPercentEncoding(name))));
    for (const QString &key : keys.mid(0, most))
        m_what->addItem(tr("Key %1").arg(key), QString("&key="_L1 + QString::fromLatin1(QUrl::toPercentEncoding(key))));
    m_what->setCurrentIndex(std::max(0, m_what->findData(now)));
    if (isVisible())
        ask();
}

void HistoryCharts::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    ask();
}

void HistoryCharts::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_limit)
        colour();
}

void HistoryCharts::setPaused(bool paused)
{
    m_paused = paused;
    ask();
}

void HistoryCharts::ask()
{
    if (!isVisible() || m_paused || !m_session.isOpen())
        return;
    if (m_call)
        m_call->abort();
    const int range = m_range->currentData().toInt();
    const int step = range <= 3600 ? fineStepS : std::max(300, range / 288);
    // The gateway's clock decides which spans there are.
    const auto now = qint64(gatewaySeconds());
    const QString from = QDateTime::fromSecsSinceEpoch(now - range, utcZone).toString(Qt::ISODate);
    m_call = m_session.client().get(
        u"/admin/v1/history?from=%1&step=%2%3"_s.arg(from).arg(step).arg(m_what->currentData().toString()), this,
        [this](const GatewayAnswer &answer) {
            if (answer.ok())
                draw(answer.object());
        });
}

void HistoryCharts::draw(const QJsonObject &history)
{
    m_last = history;
    const double from = secondsOf(history["from"_L1]), to = secondsOf(history["to"_L1]);
    const double step = history["step"_L1].toDouble();
    const QJsonObject series = history["series"_L1].toObject();
    QHash<int, int> used;
    m_newestMs = 0;
    const auto all = lines();
    for (const Line &line : all) {
        QCustomPlot *chart = m_charts[line.chart];
        QCPGraph *graph = chart->graph(used[line.chart]++);
        if (isMinute() && line.chart < troubleChart)
            continue;
        const QJsonArray values = series[line.series].toArray();
        QVector<double> x, y;
        const double factor = line.perMinute == 1 ? 1 : line.perMinute / step;
        for (qsizetype i = 0; i < values.size(); ++i) {
            const double at = from + double(i) * step;
            x.append(at);
            // A NaN is drawn as a gap.
            y.append(values[i].isDouble() ? values[i].toDouble() * factor : qQNaN());
            if (!values[i].isDouble())
                continue;
            m_newestMs = std::max(m_newestMs, qint64(at * 1000));
            if (i + 1 == values.size() || !values[i + 1].isDouble()) {
                x.append(at + step); // nothing follows, so its span is drawn to its end
                y.append(y.last());
            }
        }
        graph->setData(x, y, true);
    }
    drawLimit();
    if (isMinute())
        drawMinute();
    else
        finish(from, to);
}

void HistoryCharts::finish(double from, double to)
{
    for (QCustomPlot *chart : std::as_const(m_charts)) {
        double most = 1;
        bool any = false;
        for (int i = 0; i < chart->graphCount(); ++i) {
            bool found = false;
            const QCPRange range = chart->graph(i)->getValueRange(found);
            any = any || found;
            if (found)
                most = std::max(most, range.upper);
        }
        if (chart == m_charts[requestsChart] && m_limit->visible())
            most = std::max(most, m_limit->point1->value());
        m_nothing[m_charts.indexOf(chart)]->setVisible(!any);
        chart->xAxis->setRange(from, to);
        chart->yAxis->setRange(0, most * 1.15);
        chart->replot(QCustomPlot::rpQueuedReplot);
    }
}

void HistoryCharts::drawLimit()
{
    qint64 limit = 0;
    for (const LiveDeployment &d : m_session.live().deployments()) {
        if (!belongs(d))
            continue;
        if (!d.rpm.limit) {
            limit = 0; // one without a limit: there is no line to reach
            break;
        }
        limit += *d.rpm.limit;
    }
    // A limit a minute is no line that a second's attempts could be held against.
    m_limit->setVisible(limit > 0 && !isMinute());
    m_limit->point1->setCoords(0, double(limit));
    m_limit->point2->setCoords(1, double(limit));
}

void HistoryCharts::point(double seconds)
{
    for (QCPItemStraightLine *crosshair : std::as_const(m_crosshairs)) {
        crosshair->setVisible(true);
        crosshair->point1->setCoords(seconds, 0);
        crosshair->point2->setCoords(seconds, 1);
    }
    QStringList said{QDateTime::fromMSecsSinceEpoch(qint64(seconds * 1000)).toString(u"HH:mm:ss"_s)};
    for (QCustomPlot *chart : std::as_const(m_charts)) {
        for (int i = 0; i < chart->graphCount(); ++i) {
            const auto points = chart->graph(i)->data();
            const auto at = points->findBegin(seconds);
            if (at != points->constEnd() && !std::isnan(at->value))
                said.append(u"%1 %2"_s.arg(chart->graph(i)->name(), StatusText::shortNumber(qRound64(at->value))));
        }
        chart->replot(QCustomPlot::rpQueuedReplot);
    }
    m_reading->setText(said.join(u"  ·  "_s));
}

QPixmap HistoryCharts::picture() const
{
    constexpr int width = 1200, height = 240;
    QPixmap all(width, height * int(m_charts.size()));
    all.fill(palette().color(QPalette::Base));
    QPainter painter(&all);
    for (int i = 0; i < m_charts.size(); ++i)
        painter.drawPixmap(0, i * height, m_charts[i]->toPixmap(width, height));
    return all;
}

QString HistoryCharts::csv() const
{
    if (isMinute())
        return minuteCsv();
    const QJsonObject series = m_last["series"_L1].toObject();
    QStringList rows{u"at,"_s + series.keys().join(u',')};
    const double from = secondsOf(m_last["from"_L1]), step = m_last["step"_L1].toDouble();
    const qsizetype count = series.isEmpty() ? 0 : series.begin()->toArray().size();
    for (qsizetype i = 0; i < count; ++i) {
        QStringList fields{
            QDateTime::fromSecsSinceEpoch(qint64(from + double(i) * step), utcZone).toString(Qt::ISODate)};
        for (const auto &values : series) {
            const QJsonValue value = values.toArray()[i];
            fields.append(value.isDouble() ? QString::number(value.toDouble()) : QString());
        }
        rows.append(fields.join(u','));
    }
    return rows.join(u"\r\n"_s) + u"\r\n"_s;
}

} // namespace keymux::gui
