// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/historystore.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace keymux {

namespace {

constexpr const char *writing = "store the history";
constexpr const char *reading = "read the history";

constexpr std::array steps{
    "CREATE TABLE history_series (n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE history_slots (level INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL, "
    "PRIMARY KEY (level, number))"};

constexpr HistoryLevel levels[] = {HistoryLevel::Fine, HistoryLevel::Coarse};

std::int64_t oldestOf(HistoryLevel level, TimePoint now)
{
    return slotAt(level, now) - std::int64_t(level == HistoryLevel::Fine ? fineSlots : coarseSlots) + 1;
}

/// Little-endian, whatever the machine.
void putNumber(QByteArray &out, std::uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        out.append(char((value >> (8 * i)) & 0xff));
}

/// Of each series its number and the slot in 18 bytes; one with too much in it is followed by the counts in full and by
/// what the 18 bytes would hold beside them.
void putSlot(QByteArray &out, std::uint32_t series, const HistorySlot &slot)
{
    putNumber(out, series, 4);
    const auto put = [&](const PackedSlot &packed) {
        out.append(reinterpret_cast<const char *>(packed.bytes().data()), qsizetype(PackedSlot::size));
    };
    if (const auto packed = PackedSlot::pack(slot)) {
        put(*packed);
        return;
    }
    put(PackedSlot::elsewhere());
    const HistoryCounts &c = slot.counts;
    for (const std::int64_t count : {c.requests, c.errors, c.tokens, c.rateLimited, c.fallbacks})
        putNumber(out, std::uint64_t(count), 8);
    HistorySlot beside = slot;
    beside.counts = {};
    put(*PackedSlot::pack(beside));
}

/// Takes a row apart; false at its end, or where it is damaged.
class RowReader {
public:
    explicit RowReader(QByteArray bytes) : m_bytes(std::move(bytes)) {}

    bool next(std::uint32_t &series, HistorySlot &slot)
    {
        if (left() < 4 + PackedSlot::size)
            return false;
        series = std::uint32_t(number(4));
        PackedSlot packed = takeSlot();
        if (packed.isAbsent())
            return false;
        if (!packed.isElsewhere()) {
            slot = packed.unpack();
            return true;
        }
        if (left() < sizeof(std::uint64_t) * 5 + PackedSlot::size)
            return false;
        HistoryCounts counts;
        for (std::int64_t *count :
             {&counts.requests, &counts.errors, &counts.tokens, &counts.rateLimited, &counts.fallbacks})
            *count = std::max<std::int64_t>(0, std::int64_t(number(8)));
        slot = takeSlot().unpack();
        slot.counts = counts;
        return true;
    }

private:
    std::size_t left() const { return std::size_t(m_bytes.size()) - m_at; }
    std::uint64_t number(std::size_t bytes)
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            value |= std::uint64_t(std::uint8_t(m_bytes.constData()[m_at + i])) << (8 * i);
        m_at += bytes;
        return value;
    }
    PackedSlot takeSlot()
    {
        std::array<std::uint8_t, PackedSlot::size> bytes{};
        std::memcpy(bytes.data(), m_bytes.constData() + m_at, bytes.size());
        m_at += bytes.size();
        return PackedSlot::fromBytes(bytes);
    }

    QByteArray m_bytes;
    std::size_t m_at = 0;
};

} // namespace

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(std::shared_ptr<Database> database)
{
    if (auto ready = database->migrate("history", steps); !ready)
        return tl::unexpected(ready.error());
    return std::unique_ptr<HistoryStore>(new HistoryStore(std::move(database)));
}

Result<void> HistoryStore::loadNames()
{
    m_numbers.clear();
    auto rows = m_database->run(QStringLiteral("SELECT n, name FROM history_series"), {}, reading);
    if (!rows)
        return tl::unexpected(rows.error());
    while (rows->next())
        m_numbers.emplace(rows->value(1).toString().toStdString(), rows->value(0).toUInt());
    return {};
}

Result<void> HistoryStore::load(History &history, TimePoint now)
{
    // What is counted from now on is to be written, also when its slot is over by then.
    m_writtenAt = now;
    m_written = true;
    if (auto named = loadNames(); !named)
        return named;
    std::unordered_map<std::uint32_t, const std::string *> names;
    for (const auto &[name, n] : m_numbers)
        names.emplace(n, &name);
    for (const HistoryLevel level : levels) {
        // What a clock that has been set back would put into the future is left out.
        auto rows =
            m_database->run(QStringLiteral("SELECT number, data FROM history_slots WHERE level = ? AND number "
                                           "BETWEEN ? AND ? ORDER BY number"),
                            {int(level), qlonglong(oldestOf(level, now)), qlonglong(slotAt(level, now))}, reading);
        if (!rows)
            return tl::unexpected(rows.error());
        while (rows->next()) {
            const std::int64_t number = rows->value(0).toLongLong();
            RowReader row(rows->value(1).toByteArray());
            std::uint32_t series = 0;
            HistorySlot slot;
            while (row.next(series, slot)) {
                if (const auto name = names.find(series); name != names.end())
                    history.restore(*name->second, level, number, slot, now);
            }
        }
    }
    return {};
}

Result<void> HistoryStore::write(const History &history, TimePoint now)
{
    auto written = m_database->inTransaction(writing, [&]() -> Result<void> {
        for (const HistoryLevel level : levels) {
            if (auto done = writeLevel(history, level, now); !done)
                return done;
        }
        return slotAt(HistoryLevel::Coarse, now) != slotAt(HistoryLevel::Coarse, m_writtenAt) ? forgetSeries(history)
                                                                                              : Result<void>();
    });
    if (written) {
        m_writtenAt = now;
        m_written = true;
    } else if (auto named = loadNames(); !named) {
        m_numbers.clear(); // what was named meanwhile was undone
    }
    return written;
}

Result<void> HistoryStore::writeLevel(const History &history, HistoryLevel level, TimePoint now)
{
    const std::int64_t oldest = oldestOf(level, now);
    const std::int64_t first = m_written ? std::max(oldest, slotAt(level, m_writtenAt)) : slotAt(level, now);
    std::vector<QVariantList> rows;
    for (std::int64_t number = first; number <= slotAt(level, now); ++number) {
        std::vector<std::string> fresh;
        history.forEach(level, number, [&](const std::string &name, const HistorySlot &) {
            if (m_numbers.count(name) == 0)
                fresh.push_back(name);
        });
        if (auto named = nameSeries(fresh); !named)
            return named;
        QByteArray data;
        history.forEach(level, number, [&](const std::string &name, const HistorySlot &slot) {
            putSlot(data, m_numbers.at(name), slot);
        });
        if (!data.isEmpty())
            rows.push_back({int(level), qlonglong(number), data});
    }
    auto removed = m_database->run(QStringLiteral("DELETE FROM history_slots WHERE level = ? AND number < ?"),
                                   {int(level), qlonglong(oldest)}, writing);
    if (!removed)
        return tl::unexpected(removed.error());
    return m_database->runEach(QStringLiteral("INSERT OR REPLACE INTO history_slots VALUES (?, ?, ?)"), rows, writing);
}

Result<void> HistoryStore::nameSeries(const std::vector<std::string> &fresh)
{
    for (const std::string &name : fresh) {
        auto added =
            m_database->run(QStringLiteral("INSERT INTO history_series (name) VALUES (?)"), {sqlText(name)}, writing);
        if (!added)
            return tl::unexpected(added.error());
        m_numbers.emplace(name, added->lastInsertId().toUInt());
    }
    return {};
}

/// Numbers are never used again, so rows that still name one are merely passed over.
Result<void> HistoryStore::forgetSeries(const History &history)
{
    std::vector<QVariantList> gone;
    for (const auto &[name, n] : m_numbers) {
        if (!history.has(name))
            gone.push_back({n});
    }
    if (auto done = m_database->runEach(QStringLiteral("DELETE FROM history_series WHERE n = ?"), gone, writing); !done)
        return done;
    std::erase_if(m_numbers, [&](const auto &entry) { return !history.has(entry.first); });
    return {};
}

} // namespace keymux
