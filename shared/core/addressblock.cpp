// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/addressblock.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace keymux {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool isTrusted(std::string_view address, const std::vector<AddressBlock> &trustedProxies)
{
    const auto parsed = AddressBlock::parse(address);
    return parsed && std::any_of(trustedProxies.begin(), trustedProxies.end(),
                                 [&](const AddressBlock &block) { return block.contains(*parsed); });
}

} // namespace

std::optional<AddressBlock> AddressBlock::parse(std::string_view text)
{
    const std::size_t slash = text.find('/');
    const std::string address(text.substr(0, slash));
    AddressBlock block;
    int bits = 128;
    if (address.find(':') == std::string::npos) {
        // The IPv6 addresses that stand for IPv4 ones (RFC 4291, 2.5.5.2).
        block.m_bytes[10] = block.m_bytes[11] = 0xff;
        bits = 32;
        if (inet_pton(AF_INET, address.c_str(), block.m_bytes.data() + 12) != 1)
            return std::nullopt;
    } else if (inet_pton(AF_INET6, address.c_str(), block.m_bytes.data()) != 1) {
        return std::nullopt;
    }
    int prefix = bits;
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (error != std::errc{} || end != digits.data() + digits.size() || prefix < 0 || prefix > bits)
            return std::nullopt;
    }
    block.m_prefix = 128 - bits + prefix;
    return block;
}

bool AddressBlock::contains(const AddressBlock &other) const
{
    if (other.m_prefix < m_prefix)
        return false;
    for (int i = 0; i < m_prefix; i += 8) {
        const auto mask = std::uint8_t(m_prefix - i >= 8 ? 0xff : 0xff << (8 - (m_prefix - i)));
        if ((m_bytes[std::size_t(i / 8)] ^ other.m_bytes[std::size_t(i / 8)]) & mask)
            return false;
    }
    return true;
}

std::string clientAddress(std::string_view peer, std::string_view forwardedFor,
                          const std::vector<AddressBlock> &trustedProxies)
{
    std::string_view client = peer;
    while (isTrusted(client, trustedProxies)) {
        const std::size_t comma = forwardedFor.rfind(',');
        const bool last = comma == std::string_view::npos;
        const std::string_view before = trimmed(last ? forwardedFor : forwardedFor.substr(comma + 1));
        if (!AddressBlock::parse(before))
            break; // nothing more that is known for sure
        client = before;
        forwardedFor = last ? std::string_view() : forwardedFor.substr(0, comma);
    }
    return std::string(client);
}

} // namespace keymux
