// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace keymux {

/// A provider whose name alone says where it is.
struct KnownProvider {
    std::string_view name, baseUrl;
};

/// Null when the name is not a known one.
const KnownProvider *knownProvider(std::string_view name);

} // namespace keymux
