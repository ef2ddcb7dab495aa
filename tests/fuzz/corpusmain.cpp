// SPDX-License-Identifier: GPL-3.0-or-later
// Feeds a fuzz target its corpus, then mutations of it: the same ones on every machine and in every run.
//   fuzz_x CORPUS [MUTATIONS]     fuzz_x FILE…
#include "fuzz.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

namespace {

std::string current; ///< what is being fed, for the report when it does not survive

void reportInput(int signal)
{
    const char *file = "fuzz-failure.bin";
    std::ofstream(file, std::ios::binary) << current;
    std::fprintf(stderr, "signal %d on an input of %zu bytes, kept in %s\n", signal, current.size(), file);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

std::string contentOf(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void feed(std::string input)
{
    current = std::move(input);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t *>(current.data()), current.size());
}

/// Changes a text in one of the ways that break parsers. Uses the generator's bare numbers: distributions differ
/// between libraries.
class Mutator {
public:
    explicit Mutator(const std::vector<std::string> &corpus) : m_corpus(corpus) {}

    std::string next()
    {
        std::string text = any();
        for (std::size_t changes = 1 + below(4); changes > 0; --changes)
            change(text);
        if (text.size() > 65536)
            text.resize(65536);
        return text;
    }

private:
    std::size_t below(std::size_t bound) { return bound == 0 ? 0 : std::size_t(m_random() % bound); }
    const std::string &any() { return m_corpus[below(m_corpus.size())]; }

    void change(std::string &text)
    {
        static constexpr char bytes[] = "\0\r\n\t \"\\,:;{}[]*/-+.eE09aZ\x7f\x80\xc3\xe2\xf0\xff";
        constexpr std::string_view odd(bytes, sizeof bytes - 1);
        const std::size_t at = below(text.size() + 1), length = below(std::min<std::size_t>(text.size() - at, 32) + 1);
        switch (below(8)) {
        case 0: // another byte
            if (at < text.size())
                text[at] = odd[below(odd.size())];
            break;
        case 1: // a flipped bit
            if (at < text.size())
                text[at] = char(text[at] ^ (1 << below(8)));
            break;
        case 2:
            text.insert(at, 1, odd[below(odd.size())]);
            break;
        case 3:
            text.erase(at, length);
            break;
        case 4: // a piece twice
            text.insert(at, text.substr(at, length));
            break;
        case 5: // a piece of another one
        {
            const std::string &other = any();
            const std::size_t from = below(other.size() + 1);
            text.insert(at, other.substr(from, below(64)));
            break;
        }
        case 6: // cut short
            text.resize(at);
            break;
        default: // many of one byte
            text.insert(at, below(200), odd[below(odd.size())]);
        }
    }

    const std::vector<std::string> &m_corpus;
    std::mt19937_64 m_random{20260101};
};

} // namespace

int main(int argc, char **argv)
{
    for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGILL, SIGBUS})
        std::signal(signal, reportInput);
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s CORPUS [MUTATIONS], or files\n", argv[0]);
        return 2;
    }
    if (!std::filesystem::is_directory(argv[1])) {
        for (int i = 1; i < argc; ++i)
            feed(contentOf(argv[i]));
        return 0;
    }
    std::vector<std::filesystem::path> files;
    for (const auto &entry : std::filesystem::directory_iterator(argv[1]))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end()); // directories have no order
    std::vector<std::string> corpus{""};
    for (const auto &path : files)
        corpus.push_back(contentOf(path));
    if (corpus.size() < 3) {
        std::fprintf(stderr, "%s holds too little\n", argv[1]);
        return 1;
    }
    for (const std::string &text : corpus)
        feed(text);
    const int mutations = argc > 2 ? std::atoi(argv[2]) : 20000;
    Mutator mutator(corpus);
    for (int i = 0; i < mutations; ++i)
        feed(mutator.next());
    std::printf("%zu inputs of the corpus and %d mutations of them\n", corpus.size(), mutations);
    return 0;
}
