// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "secrets/secretsource.h"

#include <QElapsedTimer>
#include <QtTest>
#include <atomic>
#include <thread>
#include <vector>

namespace keymux::testing {

/// One kind of source with the means to change, from outside, what it holds and how it is.
class SourceKind {
public:
    virtual ~SourceKind() = default;
    virtual SecretSource &source() = 0;
    virtual bool put(const std::string &key, const std::string &value) = 0;
    virtual bool take(const std::string &key) = 0;
    /// How the source itself calls a key.
    virtual std::string nameOf(const std::string &key) const { return key; }
    virtual std::string field() const { return {}; }
    virtual bool canList() const { return true; }
    /// Lets the time pass after which a change is seen.
    virtual void settle() {}

    // Each false where that cannot be had here.
    virtual bool slow(bool) { return false; } ///< it takes its time, but answers
    virtual bool down(bool) { return false; } ///< it does not answer
    virtual bool deny() { return false; }     ///< from now on it refuses to give what it has
    virtual bool allow() { return false; }
};

/// What every source of secrets promises: written, read, missing, changed, gone, bad, by several at once, slow, down,
/// denied.
class SourceContract {
public:
    explicit SourceContract(SourceKind &kind) : m_kind(kind) {}

    void hold()
    {
        missingWrittenAndChanged();
        if (!QTest::currentTestFailed())
            listedGoneAndBad();
        if (!QTest::currentTestFailed())
            bySeveralAtOnce();
        if (!QTest::currentTestFailed())
            slowAndDown();
        if (!QTest::currentTestFailed())
            denied();
    }

private:
    static constexpr int patienceMs = 20000;

    Result<Secret> ask(const std::string &key) { return m_kind.source().read(m_kind.nameOf(key), m_kind.field()); }
    std::string read(const std::string &key)
    {
        m_kind.settle();
        return now(key);
    }
    std::string now(const std::string &key)
    {
        const auto secret = ask(key);
        return secret ? std::string(secret->reveal()) : secret.error().code;
    }
    std::string list(const std::string &glob)
    {
        m_kind.settle();
        const auto names = m_kind.source().list(m_kind.nameOf(glob));
        std::string all;
        for (const std::string &name : names ? *names : std::vector<std::string>{names.error().code})
            all += (all.empty() ? "" : " ") + name;
        return all;
    }

    void missingWrittenAndChanged()
    {
        QCOMPARE(read("KEY_1"), std::string("secret_missing"));
        const auto missing = ask("KEY_1");
        QVERIFY2(missing.error().message.find("KEY_1") != std::string::npos, missing.error().message.c_str());
        QVERIFY(m_kind.put("KEY_1", "value-one"));
        QCOMPARE(read("KEY_1"), std::string("value-one"));
        QVERIFY(m_kind.put("KEY_1", "value-two"));
        QCOMPARE(read("KEY_1"), std::string("value-two"));
    }

    void listedGoneAndBad()
    {
        QVERIFY(m_kind.put("KEY_10", "value-ten") && m_kind.put("KEY_9", "value-nine"));
        const std::string all = m_kind.nameOf("KEY_1") + " " + m_kind.nameOf("KEY_9") + " " + m_kind.nameOf("KEY_10");
        QCOMPARE(list("KEY_*"), m_kind.canList() ? all : "secret_bad");
        QVERIFY(m_kind.take("KEY_1"));
        QCOMPARE(read("KEY_1"), std::string("secret_missing"));
        QVERIFY(m_kind.put("BAD", "SECRET WORDS")); // what cannot be a key is not repeated
        m_kind.settle();
        const auto bad = ask("BAD");
        QVERIFY2(!bad && bad.error().code == "secret_bad" && bad.error().message.find("WORDS") == std::string::npos,
                 bad ? "it was taken" : bad.error().message.c_str());
    }

    void bySeveralAtOnce()
    {
        m_kind.settle();
        std::vector<std::thread> threads;
        std::atomic<int> good = 0;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] { good += now("KEY_9") == "value-nine" && now("KEY_10") == "value-ten" ? 1 : 0; });
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(good.load(), 8);
    }

    void slowAndDown()
    {
        if (m_kind.slow(true)) {
            QCOMPARE(read("KEY_9"), std::string("value-nine"));
            QVERIFY(m_kind.slow(false));
        }
        if (m_kind.down(true)) {
            QElapsedTimer timer;
            timer.start();
            m_kind.settle();
            const auto silent = ask("KEY_9");
            // A keychain that says nothing may be one that waits for its password; both keep the last good value.
            QVERIFY2(!silent && (silent.error().code == "secret_unreachable" || silent.error().code == "secret_locked"),
                     silent ? "it was read" : silent.error().message.c_str());
            QVERIFY(silent.error().message.find("value-nine") == std::string::npos);
            QVERIFY(timer.elapsed() < patienceMs);
            QVERIFY(m_kind.down(false));
            QCOMPARE(read("KEY_9"), std::string("value-nine"));
        }
    }

    void denied()
    {
        if (!m_kind.deny())
            return;
        QElapsedTimer timer;
        timer.start();
        const std::string said = read("KEY_9");
        QVERIFY2(said == "secret_denied" || said == "secret_locked", said.c_str());
        QVERIFY(timer.elapsed() < patienceMs);
        const auto why = ask("KEY_9");
        QVERIFY(!why && why.error().message.find("value-nine") == std::string::npos);
        qInfo("%s", why.error().message.c_str());
        if (m_kind.allow())
            QCOMPARE(read("KEY_9"), std::string("value-nine"));
    }

    SourceKind &m_kind;
};

} // namespace keymux::testing
