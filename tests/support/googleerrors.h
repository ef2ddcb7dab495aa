// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Error bodies as Google's OpenAI-compatible path sends them: google.rpc.Status, wrapped in an array of one.
namespace keymux::testing::google {

inline constexpr std::string_view requestsPerMinute = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
inline constexpr std::string_view requestsPerDay = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
inline constexpr std::string_view tokensPerMinute = "GenerateContentInputTokensPerModelPerMinute-FreeTier";

/// `detail` is one more JSON object for `details`, or nothing.
std::string error(int code, std::string_view status, std::string_view message, std::string_view detail = {});
/// 429 RESOURCE_EXHAUSTED with QuotaFailure and RetryInfo.
std::string quota(std::string_view quotaId, int quotaValue, std::string_view model, double retrySeconds);
std::string keyInvalid();
std::string modelNotFound(std::string_view model);
std::string unknownField(std::string_view name);

} // namespace keymux::testing::google
