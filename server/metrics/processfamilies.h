// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "metrics/gatewaystate.h"

namespace keymux {

/// The usual `process_…` metrics of this process, as far as the system tells them. Reads /proc.
void addProcessFamilies(MetricFamilies &families, TimePoint startedAt, SeriesLimit &limit);

} // namespace keymux
