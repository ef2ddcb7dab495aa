// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// What a fuzz target is: it takes any bytes and aborts when something that must hold does not. Built with
/// KEYMUX_FUZZ it is linked to libFuzzer, else to corpusmain.cpp, which feeds it the corpus and mutations of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace keymux::fuzz {

inline void must(bool holds, const char *what)
{
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

/// Takes an input apart: a few choices from its end, text from its front, as libFuzzer likes it.
class Input {
public:
    Input(const std::uint8_t *data, std::size_t size) : m_text(reinterpret_cast<const char *>(data), size) {}

    /// The next choice; 0 when nothing is left.
    unsigned byte()
    {
        if (m_text.empty())
            return 0;
        const auto last = static_cast<unsigned char>(m_text.back());
        m_text.remove_suffix(1);
        return last;
    }
    /// What is left, as text.
    std::string_view text() const { return m_text; }

private:
    std::string_view m_text;
};

} // namespace keymux::fuzz
