// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/matching.h"

#include <QtTest>
#include <rapidcheck.h>
#include <string>

using namespace keymux;

namespace {

/// The definition, in as few words as possible: slow, but plainly right.
bool slowMatches(std::string_view pattern, std::string_view name)
{
    if (pattern.empty())
        return name.empty();
    if (pattern.front() == '*')
        return slowMatches(pattern.substr(1), name) || (!name.empty() && slowMatches(pattern, name.substr(1)));
    return !name.empty() && pattern.front() == name.front() && slowMatches(pattern.substr(1), name.substr(1));
}

} // namespace

class TestMatching : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void onlyAStarMakesAGlob()
    {
        QVERIFY(isGlob("*") && isGlob("gpt-4*") && isGlob("a*b"));
        QVERIFY(!isGlob("") && !isGlob("gpt-4") && !isGlob("a?b") && !isGlob("[a-z]"));
    }

    void theWholeNameMustFit()
    {
        QVERIFY(globMatches("gpt-4", "gpt-4"));
        QVERIFY(!globMatches("gpt-4", "gpt-4o"));
        QVERIFY(!globMatches("gpt-4", "agpt-4"));
        QVERIFY(!globMatches("", "a"));
        QVERIFY(globMatches("", ""));
    }

    void aStarStandsForAnythingAlsoForNothing()
    {
        QVERIFY(globMatches("*", "") && globMatches("*", "anything/at all"));
        QVERIFY(globMatches("gpt-4*", "gpt-4") && globMatches("gpt-4*", "gpt-4o-mini"));
        QVERIFY(globMatches("*-flash", "gemini-2.0-flash") && !globMatches("*-flash", "gemini-2.0-flash-exp"));
        QVERIFY(globMatches("a*b*c", "abc") && globMatches("a*b*c", "a1b2b3c") && !globMatches("a*b*c", "acb"));
        QVERIFY(globMatches("**", "") && globMatches("a**b", "ab"));
        QVERIFY(globMatches("provider/*", "provider/m") && !globMatches("provider/*", "provider"));
    }

    void theEndIsAnchoredAndPiecesDoNotOverlap()
    {
        QVERIFY(!globMatches("a*a", "a"));
        QVERIFY(globMatches("a*a", "aa"));
        QVERIFY(!globMatches("ab*ba", "aba"));
        QVERIFY(globMatches("*ab", "abab"));
        QVERIFY(!globMatches("*ab*ab", "ab"));
    }

    void nothingElseIsSpecial()
    {
        QVERIFY(globMatches("claude-*[1m]", "claude-opus[1m]") && !globMatches("claude-*[1m]", "claude-opus1"));
        QVERIFY(globMatches("a.b+c?", "a.b+c?") && !globMatches("a.b", "axb") && !globMatches("a?", "ab"));
        QVERIFY(!globMatches("GPT-4", "gpt-4"));
    }

    void itAgreesWithTheDefinition()
    {
        QVERIFY(rc::check([] {
            const auto pattern = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '*'));
            const auto name = *rc::gen::container<std::string>(rc::gen::element('a', 'b'));
            const auto bounded = pattern.substr(0, 12), text = name.substr(0, 14);
            RC_ASSERT(globMatches(bounded, text) == slowMatches(bounded, text));
        }));
    }

    void manyStarsCostNoMoreThanTheirNumber()
    {
        std::string pattern;
        for (int i = 0; i < 100; ++i)
            pattern += "a*";
        // Trying every division of the name would not come to an end.
        QVERIFY(!globMatches(pattern + "b", std::string(100000, 'a')));
        QVERIFY(globMatches(pattern, std::string(100000, 'a')));
    }
};

QTEST_APPLESS_MAIN(TestMatching)
#include "test_matching.moc"
