// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/tracecollector.h"

#include <QtTest>
#include <string>
#include <vector>

using namespace keymux;

namespace {

RequestTrace traceOf(std::string id)
{
    RequestTrace trace;
    trace.requestId = std::move(id);
    return trace;
}

} // namespace

class TestTraceCollector : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyReaderGetsEveryTraceOnceAndInOrder()
    {
        TraceCollector collector;
        const auto one = collector.addQueue(), two = collector.addQueue();
        std::vector<std::string> first, second;
        collector.addReader([&](const RequestTrace &trace) { first.push_back(trace.requestId); });
        collector.addReader([&](const RequestTrace &trace) { second.push_back(trace.requestId); });

        one->add(traceOf("a"));
        two->add(traceOf("c"));
        one->add(traceOf("b"));
        collector.collect();
        collector.collect();
        two->add(traceOf("d"));
        collector.collect();

        QCOMPARE(first, (std::vector<std::string>{"a", "b", "c", "d"}));
        QCOMPARE(second, first);
    }

    void whatNobodyTakesIsBoundedAndTheLossIsSaid()
    {
        TraceCollector collector;
        const auto queue = collector.addQueue();
        std::size_t read = 0;
        collector.addReader([&](const RequestTrace &) { ++read; });
        for (std::size_t i = 0; i < RequestTraces::bound + 3; ++i)
            queue->add({});

        QTest::ignoreMessage(QtWarningMsg,
                             "usage and metrics miss 3 requests: they ended faster than they could be counted");
        collector.collect();

        QCOMPARE(read, RequestTraces::bound);
        QCOMPARE(collector.lost(), std::uint64_t(3));
    }
};

QTEST_GUILESS_MAIN(TestTraceCollector)
#include "test_tracecollector.moc"
