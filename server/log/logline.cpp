// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/logline.h"

#include <nlohmann/json.hpp>

namespace keymux {

namespace {

const char *levelName(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return "debug";
    case QtInfoMsg:
        return "info";
    case QtWarningMsg:
        return "warning";
    case QtCriticalMsg:
    case QtFatalMsg:
        return "error";
    }
    return "info";
}

std::string escaped(std::string_view message)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(message.size());
    for (char c : message) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            text += c;
        } else {
            text += "\\x";
            text += digits[byte >> 4];
            text += digits[byte & 15];
        }
    }
    return text;
}

} // namespace

std::string logLine(LogFormat format, TimePoint at, QtMsgType type, std::string_view category, std::string_view message)
{
    if (format == LogFormat::Json) {
        using Json = nlohmann::ordered_json;
        const Json line = {
            {"t", rfc3339(at)}, {"level", levelName(type)}, {"category", category}, {"message", message}};
        return line.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    }
    std::string level = levelName(type);
    for (char &c : level)
        c = char(c - 32);
    level.resize(7, ' ');
    return rfc3339(at) + ' ' + level + ' ' + std::string(category) + ": " + escaped(message) + '\n';
}

} // namespace keymux
