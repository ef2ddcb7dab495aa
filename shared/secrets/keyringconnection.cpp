// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/keyringconnection.h"

#include <QLibrary>

namespace keymux {

void dropKeyringConnection()
{
    // As QtKeychain does: loaded where it is there, so that nothing needs it to be.
    static QLibrary library(QStringLiteral("secret-1"), 0);
    using Disconnect = void (*)();
    // libsecret, "SecretService": secret_service_disconnect()
    static const auto disconnect = reinterpret_cast<Disconnect>(library.resolve("secret_service_disconnect"));
    if (disconnect)
        disconnect();
}

} // namespace keymux
