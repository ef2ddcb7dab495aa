// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pricesource.h"

#include "app/builtinprices.h"

#include <QFile>
#include <QFileInfo>

namespace keymux {

namespace {

constexpr qint64 maxBytes = 16 << 20;

} // namespace

PriceSource::PriceSource(const std::optional<std::string> &file, const std::string &stateDir)
    : m_path(file.value_or(stateDir + "/prices.json")), m_mustExist(file.has_value())
{
    m_path = QFileInfo(QString::fromStdString(m_path)).absoluteFilePath().toStdString();
}

tl::expected<std::shared_ptr<const PriceTable>, std::vector<std::string>> PriceSource::load() const
{
    auto table = std::make_shared<PriceTable>();
    bool withBuiltin = true;
    QFile file(QString::fromStdString(m_path));
    if (m_mustExist || file.exists()) {
        if (!file.open(QIODevice::ReadOnly))
            return tl::unexpected(std::vector{m_path + ": " + file.errorString().toStdString()});
        if (file.size() > maxBytes)
            return tl::unexpected(std::vector{m_path + ": a price list may have at most 16 MiB"});
        PriceReading reading = readPrices(file.readAll().toStdString());
        if (!reading.valid()) {
            std::vector<std::string> problems;
            for (const Problem &problem : reading.problems)
                problems.push_back(toString(problem, m_path));
            return tl::unexpected(std::move(problems));
        }
        withBuiltin = reading.withBuiltin;
        table->add(std::move(reading.rules));
    }
    if (withBuiltin)
        table->add(readPrices(builtinPrices()).rules);
    return table;
}

} // namespace keymux
