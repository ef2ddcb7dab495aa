// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>
#include <string>

namespace keymux {

/// Who listens on that TCP port, as `process 123 (nginx)`; empty when that cannot be found out (another user's process,
/// no /proc).
std::string holderOfPort(quint16 port);

} // namespace keymux
