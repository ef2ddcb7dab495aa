// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/requestids.h"

#include <random>

namespace keymux {

RequestIds::RequestIds()
{
    std::random_device device;
    for (auto &word : m_state)
        word = (std::uint64_t(device()) << 32) | device() | 1;
}

std::string RequestIds::next()
{
    // xorshift128+: names need to differ, not to be unpredictable.
    std::uint64_t x = m_state[0];
    const std::uint64_t y = m_state[1];
    m_state[0] = y;
    x ^= x << 23;
    m_state[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
    const std::uint64_t low = m_state[1] + y;

    static constexpr char digits[] = "0123456789abcdef";
    std::string id = "req_";
    id.reserve(28);
    for (int i = 60; i >= 0; i -= 4)
        id += digits[(low >> i) & 15];
    for (int i = 28; i >= 0; i -= 4)
        id += digits[(m_state[0] >> i) & 15];
    return id;
}

} // namespace keymux
