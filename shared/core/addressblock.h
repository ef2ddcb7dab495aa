// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// An IP address, or a block of them (`10.0.0.0/8`, `2001:db8::/32`). An IPv4 address is the same as the IPv6 one that
/// stands for it (`::ffff:10.0.0.1`).
class AddressBlock {
public:
    /// Nothing when the text is neither an address nor a block.
    static std::optional<AddressBlock> parse(std::string_view text);

    /// True when every address of `other` is in this block.
    bool contains(const AddressBlock &other) const;

    bool operator==(const AddressBlock &) const = default;

private:
    std::array<std::uint8_t, 16> m_bytes{};
    int m_prefix = 128; ///< bits that count
};

/// Whom a request came from: the peer, or, where the peer is a trusted proxy, the last address in `forwardedFor` (the
/// value of X-Forwarded-For) that is not a trusted proxy itself. What stands before that one could be made up.
std::string clientAddress(std::string_view peer, std::string_view forwardedFor,
                          const std::vector<AddressBlock> &trustedProxies);

} // namespace keymux
