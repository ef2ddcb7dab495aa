// SPDX-License-Identifier: GPL-3.0-or-later
// Any headers of an answer: a hint to wait is never in the past, and an answer is always classified.
#include "core/dayzone.h"
#include "core/feedback.h"
#include "fuzz.h"

using namespace keymux;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const TimePoint now{Millis(1'795'465'800'000)};
    AnswerFacts facts;
    facts.status = input.byte() & 1 ? 429 : 503;
    std::string_view text = input.text();
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view value = line.substr(std::min(colon + 1, line.size()));
        facts.headers.emplace_back(line.substr(0, colon), value);
        const auto duration = parseDuration(value);
        must(!duration || duration->count() >= 0, "a duration is no less than nothing");
    }
    const auto hint = waitHint(facts.headers, now);
    must(!hint || hint->count() >= 0, "a hint is not in the past");
    const Feedback feedback = classify(facts, now);
    must(feedback.restFor == hint, "the hint is learned");
    if (hint)
        must(DayZone().nextMidnight(now + *hint) > now, "a day can be told from it");
    return 0;
}
