// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace keymux {

/// Key material in memory. It cannot be printed or compared by accident, is wiped when it goes, and its clear text is
/// asked for by name.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string clear);
    ~Secret();
    Secret(Secret &&other) noexcept;
    Secret &operator=(Secret &&other) noexcept;
    Secret(const Secret &) = delete;
    Secret &operator=(const Secret &) = delete;

    bool empty() const { return m_clear.empty(); }
    /// The clear text; do not keep it, do not log it.
    std::string_view reveal() const { return m_clear; }
    /// `••••abcd`: the last four characters of a secret long enough to spare them.
    std::string masked() const;
    /// The first 8 bytes of its SHA-256: tells that a secret changed without saying what it is.
    std::uint64_t fingerprint() const;
    /// In constant time for equal lengths.
    bool equals(std::string_view other) const;

private:
    std::string m_clear;
};

/// Overwrites the bytes of a string that held key material, then empties it.
void wipe(std::string &text);

} // namespace keymux
