// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/log.h"

#include "core/utczone.h"
#include "log/logline.h"
#include "log/logring.h"

#include <QDateTime>
#include <atomic>
#include <chrono>
#include <unistd.h>

namespace keymux {

Q_LOGGING_CATEGORY(lcServer, "keymux.server")
Q_LOGGING_CATEGORY(lcConfig, "keymux.config")
Q_LOGGING_CATEGORY(lcRate, "keymux.rate")
Q_LOGGING_CATEGORY(lcFallback, "keymux.fallback")
Q_LOGGING_CATEGORY(lcRequest, "keymux.request")
Q_LOGGING_CATEGORY(lcHttp, "keymux.http")
Q_LOGGING_CATEGORY(lcUpstream, "keymux.upstream")

namespace {

// Qt's message handler is a plain function, so what it needs to know cannot be handed to it.
std::atomic<LogFormat> format{LogFormat::Text};
std::atomic<LogRing *> ring{nullptr};

LogLevel levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return LogLevel::Debug;
    case QtInfoMsg:
        return LogLevel::Info;
    case QtWarningMsg:
        return LogLevel::Warning;
    case QtCriticalMsg:
    case QtFatalMsg:
        return LogLevel::Error;
    }
    return LogLevel::Info;
}

void handleMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const auto now = std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch());
    std::string_view category = context.category ? context.category : "qt";
    if (category.starts_with("keymux."))
        category.remove_prefix(7);
    const QByteArray text = message.toUtf8();
    const std::string line = logLine(format.load(std::memory_order_relaxed), TimePoint(now), type, category,
                                     {text.constData(), std::size_t(text.size())});
    if (LogRing *kept = ring.load(std::memory_order_acquire))
        kept->add(TimePoint(now), levelOf(type), category, {text.constData(), std::size_t(text.size())});
    // One write for a line: lines of different threads never mix, and nobody waits for another's.
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
    if (type == QtFatalMsg)
        abort();
}

} // namespace

void startLogging(LogFormat lineFormat, std::string_view level)
{
    format = lineFormat;
    QString rules = QStringLiteral("*.debug=false\n");
    if (level == "debug")
        rules = QStringLiteral("keymux.*=true\n");
    else if (level == "warning" || level == "error")
        rules += QStringLiteral("keymux.*.info=false\n");
    if (level == "error")
        rules += QStringLiteral("keymux.*.warning=false\n");
    QLoggingCategory::setFilterRules(rules);
    qInstallMessageHandler(handleMessage);
}

void keepLogLines(LogRing *kept)
{
    ring.store(kept, std::memory_order_release);
}

std::string rfc3339(TimePoint t)
{
    return QDateTime::fromMSecsSinceEpoch(t.time_since_epoch().count(), utcZone)
        .toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss.zzzZ"))
        .toStdString();
}

} // namespace keymux
