// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace keymux {

/// Upper bounds in seconds: models think from a tenth of a second to minutes.
inline std::vector<double> firstByteBuckets()
{
    return {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
}
inline std::vector<double> durationBuckets()
{
    return {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600};
}

} // namespace keymux
