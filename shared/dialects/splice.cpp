// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/jsonscan.h"
#include "dialects/requesthead.h"

#include <algorithm>

namespace keymux {

void SplicedBody::append(std::string_view borrowed)
{
    if (borrowed.empty())
        return;
    m_size += borrowed.size();
    // Neighbours in the client's body stay one piece.
    if (!m_pieces.empty() && m_pieces.back().data() + m_pieces.back().size() == borrowed.data())
        m_pieces.back() = {m_pieces.back().data(), m_pieces.back().size() + borrowed.size()};
    else
        m_pieces.push_back(borrowed);
}

void SplicedBody::appendOwned(std::string text)
{
    if (text.empty())
        return;
    m_owned.push_back(std::move(text));
    m_size += m_owned.back().size();
    m_pieces.push_back(m_owned.back());
}

std::string SplicedBody::toString() const
{
    std::string text;
    text.reserve(m_size);
    for (std::string_view piece : m_pieces)
        text += piece;
    return text;
}

namespace {

constexpr std::string_view usageOption = "{\"include_usage\":true}";

class Splicer {
public:
    Splicer(std::string_view body, const RequestHead &head, const BodyEdit &edit)
        : m_body(body), m_head(head), m_edit(edit)
    {
    }

    SplicedBody run()
    {
        m_out.append(m_body.substr(0, m_head.object.begin + 1));
        std::size_t from = m_head.object.begin + 1;
        bool first = true;
        bool hasStreamOptions = false;
        for (const RequestHead::Member &member : m_head.members) {
            // A member carries along what stands between the comma (or the brace) before it and its end.
            const std::size_t before = from;
            const bool isFirstOfAll = &member == m_head.members.data();
            const std::size_t begin = isFirstOfAll ? from : m_body.find(',', from) + 1;
            from = member.value.end;
            if (isDropped(member.name))
                continue;
            if (!first)
                m_out.append(m_body.substr(before, begin - before)); // up to and with the comma
            first = false;
            hasStreamOptions = hasStreamOptions || member.name == "stream_options";
            writeMember(member, begin);
        }
        if (m_edit.askForUsage && !hasStreamOptions && !isDropped("stream_options"))
            m_out.appendOwned(std::string(first ? "" : ",") + "\"stream_options\":" + std::string(usageOption));
        m_out.append(m_body.substr(from, m_body.size() - from));
        return std::move(m_out);
    }

private:
    bool isDropped(std::string_view name) const
    {
        return std::find(m_edit.drop.begin(), m_edit.drop.end(), name) != m_edit.drop.end();
    }

    void writeMember(const RequestHead::Member &member, std::size_t begin)
    {
        m_out.append(m_body.substr(begin, member.name_.begin - begin));
        const auto renamed = std::find_if(m_edit.rename.begin(), m_edit.rename.end(),
                                          [&](const NamedValue &rename) { return rename.first == member.name; });
        if (renamed != m_edit.rename.end())
            m_out.appendOwned(quotedJsonString(renamed->second));
        else
            m_out.append(m_body.substr(member.name_.begin, member.name_.end - member.name_.begin));
        m_out.append(m_body.substr(member.name_.end, member.value.begin - member.name_.end));
        const std::string_view value = m_body.substr(member.value.begin, member.value.end - member.value.begin);
        if (member.name == "model" && m_head.model != m_edit.model)
            m_out.appendOwned(quotedJsonString(m_edit.model));
        else if (member.name == "stream_options" && m_edit.askForUsage)
            writeStreamOptions(value);
        else
            m_out.append(value);
    }

    /// The client's options with include_usage added at their front; it is asked for only where the client did not say.
    void writeStreamOptions(std::string_view value)
    {
        if (!value.starts_with('{')) {
            m_out.appendOwned(std::string(usageOption));
            return;
        }
        const std::size_t content = value.find_first_not_of(" \t\r\n", 1);
        m_out.append(value.substr(0, 1));
        m_out.appendOwned(std::string("\"include_usage\":true") + (value[content] == '}' ? "" : ","));
        m_out.append(value.substr(1));
    }

    std::string_view m_body;
    const RequestHead &m_head;
    const BodyEdit &m_edit;
    SplicedBody m_out;
};

} // namespace

SplicedBody splice(std::string_view body, const RequestHead &head, const BodyEdit &edit)
{
    return Splicer(body, head, edit).run();
}

} // namespace keymux
