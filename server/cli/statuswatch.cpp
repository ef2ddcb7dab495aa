// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/statuswatch.h"

#include "cli/adminclient.h"
#include "cli/statusview.h"
#include "cli/terminal.h"

#include <chrono>
#include <cstdlib>
#include <ostream>
#include <unistd.h>

namespace keymux {

namespace {

using Json = nlohmann::json;

TimePoint wallClock()
{
    return TimePoint(std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()));
}

std::string_view colourOf(Tone tone)
{
    switch (tone) {
    case Tone::Heading:
        return "\033[1m";
    case Tone::Good:
        return "\033[32m";
    case Tone::Waiting:
        return "\033[33m";
    case Tone::Bad:
        return "\033[31m";
    case Tone::Off:
        return "\033[2m";
    case Tone::Plain:
        break;
    }
    return {};
}

/// Each line written over the one that was there, so that nothing flickers.
std::string pageOf(const std::vector<StatusLine> &lines, bool colours)
{
    std::string page = "\033[H";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view colour = colours ? colourOf(lines[i].tone) : std::string_view();
        page.append(colour).append(lines[i].text);
        if (!colour.empty())
            page += "\033[0m";
        page += i + 1 < lines.size() ? "\033[K\r\n" : "\033[K";
    }
    return page + "\033[J";
}

/// What is newest of the server; opened anew each time, because a server that comes back may be somewhere else.
void look(const StatusOptions &options, const std::string &stateDir, Terminal &terminal, StatusFrame &frame)
{
    auto client = AdminClient::open(stateDir, options.server, options.tokenFile);
    if (!client) {
        frame.trouble = client.error().message;
        return;
    }
    frame.url = client->url();
    client->keepWaiting = [&terminal] { return !terminal.quitAsked(); };
    const auto answer = client->request("GET", "/admin/v1/state");
    if (!answer) {
        frame.trouble = answer.error().message;
        return;
    }
    Json state = Json::parse(answer->body, nullptr, false);
    if (answer->status != 200 || !state.is_object()) {
        frame.trouble = "the server answered with status " + std::to_string(answer->status);
        return;
    }
    frame.trouble.clear();
    frame.state = std::move(state);
}

bool show(const StatusOptions &options, const Terminal &terminal, const StatusFrame &frame, std::ostream &out)
{
    if (options.json) {
        if (frame.trouble.empty())
            out << frame.state.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
        return out.good();
    }
    if (terminal.isTerminal()) {
        const Terminal::Size size = terminal.size();
        return terminal.show(pageOf(statusLines(frame, size.columns, size.rows), std::getenv("NO_COLOR") == nullptr));
    }
    for (const StatusLine &line : statusLines(frame, 1000, 0))
        out << line.text << '\n';
    out << std::endl;
    return out.good();
}

} // namespace

int watchStatus(const StatusOptions &options, const std::string &stateDir, std::ostream &out)
{
    Terminal terminal(options.json ? -1 : STDOUT_FILENO);
    const Millis interval(std::int64_t(options.interval * 1000));
    StatusFrame frame;
    while (!terminal.quitAsked()) {
        const auto begin = std::chrono::steady_clock::now();
        look(options, stateDir, terminal, frame);
        const auto next = begin + interval;
        Terminal::Event event = Terminal::Event::Resized;
        while (event == Terminal::Event::Resized) {
            frame.now = wallClock();
            if (terminal.quitAsked() || !show(options, terminal, frame, out))
                return 0;
            const auto left = std::chrono::duration_cast<Millis>(next - std::chrono::steady_clock::now());
            event = terminal.wait(std::max(Millis(1), left));
        }
    }
    return 0;
}

} // namespace keymux
