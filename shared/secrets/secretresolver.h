// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "core/secretref.h"
#include "secrets/secret.h"

#include <functional>
#include <string>
#include <vector>

namespace keymux {

/// Where references are looked up. `env` is given so that tests need not touch the process.
struct SecretContext {
    std::string secretDir;                         ///< `secrets.dir`; empty: none
    std::string baseDir;                           ///< relative `file:` paths start here
    std::function<const char *(const char *)> env; ///< null: the process environment
    bool allowLiteralKeys = false;
};

/// Finds the secret a reference names. Errors say which reference failed, where it was looked for and what would help;
/// never a value. Reads files; call it off the request path. File contents lose one trailing newline and are bounded at
/// 64 KiB.
Result<Secret> resolveSecret(std::string_view reference, const SecretContext &context);

} // namespace keymux
