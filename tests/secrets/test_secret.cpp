// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/secret.h"

#include <QtTest>
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <memory>
#include <new>
#include <type_traits>

using namespace keymux;

namespace {

/// What must never be in memory that is given back.
constexpr char marker[] = "KEEP-OUT-OF-FREED-MEMORY";
bool watching = false;
int leaks = 0;

void look(void *block)
{
    if (!watching || !block)
        return;
    if (memmem(block, malloc_usable_size(block), marker, sizeof marker - 1))
        ++leaks;
}

/// A secret longer than what a string holds in itself.
std::string longSecret()
{
    return std::string("prefix-") + marker + "-suffix";
}

/// Watches freed memory while it lives.
struct Watch {
    Watch()
    {
        leaks = 0;
        watching = true;
    }
    ~Watch() { watching = false; }
};

} // namespace

// Every block freed in this program is looked at first.
void *operator new(std::size_t size)
{
    if (void *block = std::malloc(size ? size : 1))
        return block;
    throw std::bad_alloc();
}
void operator delete(void *block) noexcept
{
    look(block);
    std::free(block);
}
void operator delete(void *block, std::size_t) noexcept
{
    look(block);
    std::free(block);
}

class TestSecret : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theWatchSeesWhatIsNotWiped()
    {
        {
            const Watch watch;
            std::string text = longSecret();
        }
        QVERIFY(leaks > 0);
    }

    void aSecretIsWipedWhenItGoes()
    {
        std::string clear = longSecret();
        {
            const Watch watch;
            {
                const Secret secret(std::move(clear));
                QVERIFY(!secret.empty());
            }
        }
        QCOMPARE(leaks, 0);
    }

    void aShortSecretIsWipedWhereItStood()
    {
        // Short strings stand in the object itself.
        alignas(Secret) unsigned char place[sizeof(Secret)] = {};
        auto *secret = new (place) Secret(std::string("short-key"));
        QVERIFY(memmem(place, sizeof place, "short-key", 9));
        secret->~Secret();
        QVERIFY(!memmem(place, sizeof place, "short", 5));
    }

    void movingLeavesNothingBehind()
    {
        for (const std::string &clear : {std::string("short-key"), longSecret()}) {
            Secret from{std::string(clear)};
            const std::string_view before = from.reveal();
            Secret to(std::move(from));
            QCOMPARE(std::string(to.reveal()), clear);
            QVERIFY(from.empty());
            QVERIFY(!memmem(before.data(), before.size(), clear.data(), 5));
            Secret other(std::string("another-secret"));
            other = std::move(to);
            QCOMPARE(std::string(other.reveal()), clear);
            QVERIFY(to.empty());
        }
    }

    void assigningWipesWhatWasThere()
    {
        {
            Secret secret(longSecret());
            const Watch watch;
            secret = Secret(std::string(500, 'x')); // does not fit where the old one stood
        }
        QCOMPARE(leaks, 0);
        Secret same(std::string("same"));
        Secret &alias = same;
        same = std::move(alias);
        QCOMPARE(std::string(same.reveal()), std::string("same"));
    }

    void wipingClearsAlsoWhatIsBehindTheEnd()
    {
        std::string text = longSecret();
        text.resize(3);
        {
            const Watch watch;
            wipe(text);
            QVERIFY(text.empty());
            text = std::string();
            text.shrink_to_fit();
        }
        QCOMPARE(leaks, 0);
    }

    void itCannotBeCopiedPrintedOrComparedByAccident()
    {
        static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
        static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, std::string_view>);
        static_assert(!std::is_convertible_v<std::string, Secret>);
        static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);
    }

    void aMaskShowsTheLastFourOfALongOne()
    {
        QCOMPARE(Secret(std::string("sk-0123456789abcd")).masked(), std::string("••••abcd"));
        QCOMPARE(Secret(std::string("12345678901")).masked(), std::string("••••"));
        QCOMPARE(Secret().masked(), std::string("••••"));
    }

    void equalityNeedsTheWholeSecret()
    {
        const Secret secret(std::string("0123456789"));
        QVERIFY(secret.equals("0123456789"));
        for (const char *other : {"", "012345678", "01234567890", "0123456780", "1123456789"})
            QVERIFY2(!secret.equals(other), other);
        QVERIFY(!Secret().equals(""));
    }

    void theFingerprintTellsAChange()
    {
        QCOMPARE(Secret(std::string("a")).fingerprint(), Secret(std::string("a")).fingerprint());
        QVERIFY(Secret(std::string("a")).fingerprint() != Secret(std::string("b")).fingerprint());
        QVERIFY(Secret(std::string("a")).fingerprint() != Secret().fingerprint());
    }
};

QTEST_APPLESS_MAIN(TestSecret)
#include "test_secret.moc"
