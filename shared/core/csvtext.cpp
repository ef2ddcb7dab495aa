// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/csvtext.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr std::size_t maxSize = 16 << 20, maxRows = 200'000, maxColumns = 64;

char separatorOf(std::string_view text)
{
    std::size_t counts[3] = {};
    constexpr std::string_view separators = ",;\t";
    bool quoted = false;
    for (const char c : text) {
        if (c == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (c == '\n' || c == '\r')
            break;
        if (const std::size_t i = separators.find(c); i != std::string_view::npos)
            ++counts[i];
    }
    return separators[std::size_t(std::max_element(counts, counts + 3) - counts)];
}

class Reader {
public:
    explicit Reader(std::string_view text) : m_text(text), m_separator(separatorOf(text)) {}

    CsvReading read()
    {
        if (m_text.size() > maxSize)
            return {{}, CsvField{"the table is larger than 16 MiB", 1, 1}};
        CsvReading reading;
        while (m_at < m_text.size() && !reading.error) {
            CsvRow row;
            reading.error = readRow(row);
            if (reading.error || (row.size() == 1 && row.front().text.empty()))
                continue;
            if (reading.rows.size() == maxRows)
                reading.error = CsvField{"the table has more than 200,000 rows", m_line, 1};
            else
                reading.rows.push_back(std::move(row));
        }
        return reading;
    }

private:
    std::optional<CsvField> readRow(CsvRow &row)
    {
        for (;;) {
            CsvField field{{}, m_line, m_column};
            if (row.size() == maxColumns)
                return CsvField{"this row has more than 64 columns", m_line, m_column};
            if (peek() == '"') {
                if (!quoted(field.text))
                    return CsvField{"this quote is not closed", field.line, field.column};
                if (!atEnd() && peek() != m_separator && peek() != '\n' && peek() != '\r')
                    return CsvField{"a separator or the end of the line is expected behind a quoted field", m_line,
                                    m_column};
            } else {
                while (!atEnd() && peek() != m_separator && peek() != '\n' && peek() != '\r')
                    field.text += take();
            }
            row.push_back(std::move(field));
            if (peek() == m_separator && !atEnd()) {
                take();
                continue;
            }
            if (peek() == '\r')
                take();
            if (peek() == '\n')
                take();
            return std::nullopt;
        }
    }

    bool quoted(std::string &out)
    {
        take();
        while (!atEnd()) {
            const char c = take();
            if (c != '"') {
                out += c;
            } else if (peek() == '"') {
                out += take();
            } else {
                return true;
            }
        }
        return false;
    }

    bool atEnd() const { return m_at >= m_text.size(); }
    char peek() const { return atEnd() ? '\0' : m_text[m_at]; }
    char take()
    {
        const char c = m_text[m_at++];
        if (c == '\n' || (c == '\r' && peek() != '\n')) {
            ++m_line;
            m_column = 1;
        } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
            ++m_column;
        }
        return c;
    }

    std::string_view m_text;
    char m_separator;
    std::size_t m_at = 0;
    int m_line = 1, m_column = 1;
};

} // namespace

CsvReading readCsv(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    return Reader(text).read();
}

} // namespace keymux
