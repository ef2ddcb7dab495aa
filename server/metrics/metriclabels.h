// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/feedback.h"

#include <cstddef>
#include <string_view>

namespace keymux {

// Label values from tables of our own: what a client or a provider wrote never becomes one.

inline constexpr int answerClassCount = int(AnswerClass::Broken) + 1;
/// `success`, `rate_limit`, `bad_key`, …: in the words of the reasons of rests where there is one.
std::string_view resultLabel(AnswerClass klass);

/// Places in the tables; every value outside them has the last one.
std::size_t statusPlace(int status);
std::size_t codePlace(std::string_view code);
/// `200`, …, `none` for no answer at all, `other`.
std::string_view statusLabel(std::size_t place);
/// `pool_exhausted`, …, `none` for an answer without an error, `other` (providers' own codes among them).
std::string_view codeLabel(std::size_t place);

} // namespace keymux
