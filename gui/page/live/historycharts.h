// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "models/livesamples.h"

#include <QComboBox>
#include <QList>
#include <QTimer>
#include <QWidget>

class QCPItemLine;
class QCPItemStraightLine;
class QCPItemText;
class QCustomPlot;
class QLabel;

namespace keymux::gui {

/// The gateway's history over time, one chart below the other with one crosshair over all: requests, tokens, refusals,
/// latency. What was not told (the gateway was down, the connection lost) is a gap, not a line. The last minute is
/// finer than the history: attempts and tokens of it are the live feed's, the rest are the history's spans, drawn as
/// such.
class HistoryCharts : public QWidget {
    Q_OBJECT
public:
    explicit HistoryCharts(GatewaySession &session, QWidget *parent = nullptr);

    /// Draws as it is until it is told to go on.
    void setPaused(bool paused);
    /// All charts as one picture.
    QPixmap picture() const;
    /// The points as CSV: `at` and a column for each series; of the last minute, what the live feed told.
    QString csv() const;
    /// The moment of the newest point, milliseconds since 1970; 0: none.
    qint64 newestMs() const { return m_newestMs; }

protected:
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    static constexpr int requestsChart = 0, tokensChart = 1, troubleChart = 2, latencyChart = 3;
    static constexpr int minuteS = 60; ///< the range that the live feed tells

    struct Line {
        QString series, name;
        int chart;
        double perMinute; ///< 1: as it is; 60: counted per span, shown per minute
    };

    static QList<Line> lines();
    QCustomPlot *addChart();
    void colour();
    void ask();
    void draw(const QJsonObject &history);
    void drawMinute();
    void finish(double from, double to);
    QString minuteCsv() const;
    void drawLimit();
    bool isMinute() const;
    bool belongs(const LiveDeployment &deployment) const;
    void showRange();
    double gatewaySeconds() const;
    void fillModels();
    void point(double seconds);

    GatewaySession &m_session;
    QList<QCustomPlot *> m_charts;
    QList<QLabel *> m_titles;
    QList<QCPItemStraightLine *> m_crosshairs;
    QList<QCPItemText *> m_nothing;
    QCPItemStraightLine *m_limit = nullptr;
    QComboBox *m_range, *m_what;
    QLabel *m_reading;
    QTimer m_again, m_second;
    LiveSamples m_samples;
    QPointer<GatewayCall> m_call;
    QJsonObject m_last;
    qint64 m_newestMs = 0;
    bool m_paused = false;
};

} // namespace keymux::gui
