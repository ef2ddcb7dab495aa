// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/feedback.h"

#include <algorithm>
#include <cctype>

namespace keymux {

namespace {

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return result;
}

/// An answer with its texts in lower case, so that each rule reads as a question.
class Answer {
public:
    explicit Answer(const AnswerFacts &facts)
        : m_facts(facts), m_message(lower(facts.error.message)), m_code(lower(facts.error.code)),
          m_type(lower(facts.error.type)), m_reason(lower(facts.error.reason)), m_status(lower(facts.error.status))
    {
    }

    bool says(std::string_view words) const { return m_message.find(words) != std::string::npos; }
    bool saysAny(std::initializer_list<std::string_view> list) const
    {
        return std::any_of(list.begin(), list.end(), [this](std::string_view words) { return says(words); });
    }
    bool isCode(std::string_view code) const { return m_code == code || m_type == code; }
    bool isCodeAny(std::initializer_list<std::string_view> list) const
    {
        return std::any_of(list.begin(), list.end(), [this](std::string_view code) { return isCode(code); });
    }
    bool isReasonAny(std::initializer_list<std::string_view> list) const
    {
        return std::find(list.begin(), list.end(), m_reason) != list.end();
    }
    bool isStatus(std::string_view status) const { return m_status == status; }
    bool isDayQuota() const
    {
        const auto &ids = m_facts.error.quotaIds;
        return std::any_of(ids.begin(), ids.end(),
                           [](const std::string &id) { return id.find("PerDay") != std::string::npos; });
    }
    /// OpenAI's codes for spent credit or a spending limit; Google's normal 429 text sounds alike and must not match.
    bool isBilling() const
    {
        return isCodeAny({"insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
                          "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
                          "enforced_spend_limit_reached", "contract_spend_limit_reached", "billing_error",
                          "organization_on_hold"}) ||
               saysAny({"credit balance is too low", "prepayment credits are depleted", "insufficient balance",
                        "reached your specified api usage limits",
                        "reached your specified workspace api usage limits"});
    }
    bool isBadKey() const
    {
        return isReasonAny({"api_key_invalid", "consumer_suspended", "api_key_service_blocked", "service_disabled",
                            "access_token_type_unsupported"}) ||
               isCodeAny({"invalid_api_key", "authentication_error", "account_deactivated"}) ||
               saysAny({"incorrect api key", "api key not valid", "api key not found", "api key expired",
                        "reported as leaked", "has been suspended", "invalid api key"});
    }
    bool isRegion() const
    {
        return isCode("unsupported_country_region_territory") ||
               saysAny({"user location is not supported", "country, region, or territory not supported",
                        "not available in your country"});
    }

    const AnswerFacts &facts() const { return m_facts; }

private:
    const AnswerFacts &m_facts;
    std::string m_message, m_code, m_type, m_reason, m_status;
};

bool hasLimitHeaders(const AnswerFacts &facts)
{
    return std::any_of(facts.headers.begin(), facts.headers.end(), [](const auto &header) {
        return header.first.find("ratelimit") != std::string::npos || header.first.starts_with("retry-after");
    });
}

AnswerClass classOf429(const Answer &answer, const Feedback &feedback)
{
    const ErrorFacts &error = answer.facts().error;
    if (answer.isBilling())
        return AnswerClass::Billing;
    if (error.quotaZero)
        return AnswerClass::NoQuota;
    if (answer.isDayQuota())
        return AnswerClass::DayQuota;
    // Mistral's name for a model without capacity, which no other key would get either.
    if (answer.saysAny({"service tier capacity exceeded", "model is overloaded"}))
        return AnswerClass::Overload;
    // A limit that ends in hours is a day's quota, whatever it is called (Groq counts requests by the day).
    if (feedback.restFor && *feedback.restFor > Millis(3600000) && hasLimitHeaders(answer.facts()))
        return AnswerClass::DayQuota;
    return AnswerClass::MinuteLimit;
}

AnswerClass classOf400(const Answer &answer)
{
    const AnswerFacts &facts = answer.facts();
    if (answer.says("multiple authentication credentials"))
        return facts.canSwitchAuth ? AnswerClass::WrongAuthStyle : AnswerClass::BadKey;
    if (answer.isBilling() || facts.error.regainAt)
        return AnswerClass::Billing;
    if (answer.isBadKey())
        return AnswerClass::BadKey;
    if (answer.isRegion() || answer.isStatus("failed_precondition"))
        return AnswerClass::Region;
    if (!facts.error.unknownField.empty())
        return AnswerClass::UnknownField;
    return AnswerClass::ClientFault;
}

AnswerClass classOf403(const Answer &answer)
{
    if (answer.isRegion())
        return AnswerClass::Region;
    if (answer.isBilling())
        return AnswerClass::Billing;
    if (answer.isBadKey())
        return AnswerClass::BadKey;
    return AnswerClass::Denied;
}

AnswerClass classOf(const Answer &answer, const Feedback &feedback)
{
    const AnswerFacts &facts = answer.facts();
    switch (facts.status) {
    case 0:
        return facts.transport;
    case 400:
        return classOf400(answer);
    case 401:
        return facts.google && facts.canSwitchAuth ? AnswerClass::WrongAuthStyle : AnswerClass::BadKey;
    case 402:
        return AnswerClass::Billing;
    case 403:
        return classOf403(answer);
    case 404:
        return AnswerClass::ModelMissing;
    case 408:
        return AnswerClass::Timeout;
    case 409:
    case 425:
        return AnswerClass::Overload;
    case 422:
        return facts.error.unknownField.empty() ? AnswerClass::ClientFault : AnswerClass::UnknownField;
    case 429:
        return classOf429(answer, feedback);
    case 498: // Groq: flex capacity exceeded
    case 529: // Anthropic: overloaded
        return AnswerClass::Overload;
    default:
        return facts.status >= 500 ? AnswerClass::Overload : AnswerClass::ClientFault;
    }
}

std::string detailOf(const AnswerFacts &facts)
{
    std::string detail = "status " + std::to_string(facts.status);
    if (!facts.error.message.empty())
        detail += ": " + facts.error.message.substr(0, 400);
    std::replace_if(
        detail.begin(), detail.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return detail;
}

} // namespace

std::string_view answerClassName(AnswerClass klass)
{
    switch (klass) {
    case AnswerClass::Success:
        return "success";
    case AnswerClass::NeverSent:
        return "never sent";
    case AnswerClass::Cancelled:
        return "cancelled";
    case AnswerClass::ClientFault:
        return "bad request";
    case AnswerClass::UnknownField:
        return "unknown field";
    case AnswerClass::WrongAuthStyle:
        return "other credential header wanted";
    case AnswerClass::MinuteLimit:
        return "rate limit";
    case AnswerClass::DayQuota:
        return "day quota spent";
    case AnswerClass::NoQuota:
        return "no quota for this model";
    case AnswerClass::BadKey:
        return "key refused";
    case AnswerClass::Billing:
        return "credit spent";
    case AnswerClass::ModelMissing:
        return "model not found";
    case AnswerClass::Denied:
        return "access denied";
    case AnswerClass::Region:
        return "region not supported";
    case AnswerClass::Overload:
        return "provider failure";
    case AnswerClass::Timeout:
        return "timeout";
    case AnswerClass::Network:
        return "network failure";
    case AnswerClass::Broken:
        return "unusable answer";
    }
    return "unknown";
}

Feedback classify(const AnswerFacts &answer, TimePoint now)
{
    Feedback feedback;
    feedback.restFor = answer.error.retryDelay;
    if (const auto header = waitHint(answer.headers, now); header && !feedback.restFor)
        feedback.restFor = header;
    feedback.restUntil = answer.error.regainAt;
    feedback.limitEvidence = !answer.error.quotaIds.empty() || answer.error.retryDelay || hasLimitHeaders(answer);
    feedback.klass = classOf(Answer(answer), feedback);
    feedback.detail = detailOf(answer);
    return feedback;
}

} // namespace keymux
