// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/addressblock.h"

#include <QtTest>

using namespace keymux;

namespace {

bool contains(const char *block, const char *address)
{
    return AddressBlock::parse(block).value().contains(AddressBlock::parse(address).value());
}

std::vector<AddressBlock> blocks(std::initializer_list<const char *> texts)
{
    std::vector<AddressBlock> result;
    for (const char *text : texts)
        result.push_back(AddressBlock::parse(text).value());
    return result;
}

} // namespace

class TestAddressBlock : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBlockContainsItsAddresses()
    {
        QVERIFY(contains("10.0.0.0/8", "10.255.1.2"));
        QVERIFY(!contains("10.0.0.0/8", "11.0.0.1"));
        QVERIFY(contains("192.168.4.0/22", "192.168.7.255"));
        QVERIFY(!contains("192.168.4.0/22", "192.168.8.0"));
        QVERIFY(contains("2001:db8::/33", "2001:db8:7fff::1"));
        QVERIFY(!contains("2001:db8::/33", "2001:db8:8000::1"));
        QVERIFY(contains("127.0.0.1", "127.0.0.1"));
        QVERIFY(!contains("127.0.0.1", "127.0.0.2"));
        QVERIFY(contains("0.0.0.0/0", "203.0.113.9"));
        QVERIFY(!contains("0.0.0.0/0", "2001:db8::1"));
        QVERIFY(contains("::/0", "203.0.113.9"));
        QVERIFY(!contains("10.1.0.0/16", "10.0.0.0/8"));
    }

    void anIpv4AddressIsTheSameInIpv6Dress()
    {
        QVERIFY(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
        QVERIFY(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
    }

    void whatIsNoAddressIsRefused()
    {
        for (const char *text : {"", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "::/129",
                                 "proxy.example", "10.0.0.1.2", "1:2", "10.0.0.1/8/8"})
            QVERIFY2(!AddressBlock::parse(text), text);
    }

    void aPeerThatIsNoTrustedProxyIsBelievedAboutNobodyElse()
    {
        QCOMPARE(clientAddress("203.0.113.9", "1.2.3.4", {}), std::string("203.0.113.9"));
        QCOMPARE(clientAddress("203.0.113.9", "1.2.3.4", blocks({"10.0.0.0/8"})), std::string("203.0.113.9"));
    }

    void behindTrustedProxiesTheLastAddressThatIsNotTrustedCounts()
    {
        const auto trusted = blocks({"10.0.0.0/8", "192.168.1.1"});
        QCOMPARE(clientAddress("10.0.0.1", "198.51.100.7", trusted), std::string("198.51.100.7"));
        QCOMPARE(clientAddress("10.0.0.1", "1.1.1.1, 198.51.100.7 , 192.168.1.1", trusted),
                 std::string("198.51.100.7"));
        // Only proxies all the way: the first of them.
        QCOMPARE(clientAddress("10.0.0.1", "10.0.0.3, 10.0.0.2", trusted), std::string("10.0.0.3"));
        // A proxy that says nothing, or nothing that can be read.
        QCOMPARE(clientAddress("10.0.0.1", "", trusted), std::string("10.0.0.1"));
        QCOMPARE(clientAddress("10.0.0.1", "unknown", trusted), std::string("10.0.0.1"));
        QCOMPARE(clientAddress("10.0.0.1", "198.51.100.7, ???", trusted), std::string("10.0.0.1"));
    }
};

QTEST_APPLESS_MAIN(TestAddressBlock)
#include "test_addressblock.moc"
