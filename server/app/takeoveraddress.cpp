// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/takeoveraddress.h"

#include "app/takeoverchannel.h"

#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace keymux {

TakeoverAddress::TakeoverAddress(const std::string &stateDir)
{
    m_address.sun_family = AF_UNIX;
    std::string path = takeoverSocketPath(stateDir);
    if (path.size() >= sizeof m_address.sun_path) {
        m_directory = ::open(stateDir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        path = takeoverSocketPath("/proc/self/fd/" + std::to_string(m_directory));
    }
    std::memcpy(m_address.sun_path, path.c_str(), path.size() + 1);
}

TakeoverAddress::~TakeoverAddress()
{
    if (m_directory >= 0)
        ::close(m_directory);
}

} // namespace keymux
