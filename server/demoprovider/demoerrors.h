// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "demoprovider/demolimits.h"

#include <string>
#include <string_view>

namespace keymux {

/// An answer that refuses, in the form of Google's OpenAI-compatible path: a google.rpc.Status in an array of one.
struct DemoError {
    int status;
    std::string body;
};

DemoError demoQuotaError(const DemoRefusal &refusal, std::string_view model);
/// 400 with reason API_KEY_INVALID: Google answers a wrong key with 400, not 401.
DemoError demoKeyInvalid();
DemoError demoNoCredential();
/// 400 "Multiple authentication credentials": exactly one may be sent.
DemoError demoTwoCredentials();
DemoError demoUnknownField(std::string_view field);
DemoError demoModelNotFound(std::string_view model, std::string_view method);
DemoError demoInvalidArgument(std::string_view message);
DemoError demoNoSuchPath(std::string_view path);

} // namespace keymux
