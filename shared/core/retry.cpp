// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/retry.h"

namespace keymux {

namespace {

/// More unknown fields than this in one request are the client's business.
constexpr int maxFieldDrops = 8;

} // namespace

NextStep RetryWalk::next(const Feedback &feedback, TimePoint now)
{
    const bool late = now >= m_deadline;
    switch (feedback.klass) {
    case AnswerClass::Success:
    case AnswerClass::NeverSent:
    case AnswerClass::Cancelled:
    case AnswerClass::ClientFault:
        return NextStep::PassOn;
    case AnswerClass::UnknownField:
        return ++m_fieldDrops > maxFieldDrops ? NextStep::PassOn : late ? NextStep::GiveUp : NextStep::SameWithoutField;
    case AnswerClass::WrongAuthStyle:
        return late ? NextStep::GiveUp : NextStep::SameOtherAuth;
    case AnswerClass::ModelMissing:
        return ++m_notFound >= 2 ? NextStep::NotFound : late ? NextStep::GiveUp : NextStep::NextCandidate;
    case AnswerClass::MinuteLimit:
    case AnswerClass::DayQuota:
    case AnswerClass::NoQuota:
    case AnswerClass::BadKey:
    case AnswerClass::Billing:
    case AnswerClass::Denied:
    case AnswerClass::Region:
        return late ? NextStep::GiveUp : NextStep::NextCandidate;
    case AnswerClass::Overload:
    case AnswerClass::Timeout:
    case AnswerClass::Network:
    case AnswerClass::Broken:
        break;
    }
    m_timedOut = feedback.klass == AnswerClass::Timeout && (m_timedOut || !m_failedOtherwise);
    m_failedOtherwise = true;
    return late || ++m_slowFailures >= m_maxAttempts ? NextStep::GiveUp : NextStep::NextCandidate;
}

} // namespace keymux
