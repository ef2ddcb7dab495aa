// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/secretcommands.h"

#include "secrets/sealedstore.h"
#include "store/statelock.h"

#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <termios.h>
#include <unistd.h>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

int failed(std::ostream &err, const Error &error)
{
    err << "keymuxd: " << error.message << '\n';
    return error.code == "usage" || error.code == "bad_name" ? 2 : 1;
}

/// A terminal shows nothing of what is typed while this lives.
class Echo {
public:
    Echo()
    {
        if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &m_before) != 0)
            return;
        termios quiet = m_before;
        quiet.c_lflag &= ~tcflag_t(ECHO);
        m_off = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
    }
    ~Echo()
    {
        if (m_off)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
    }
    Echo(const Echo &) = delete;
    Echo &operator=(const Echo &) = delete;
    bool isOff() const { return m_off; }

private:
    termios m_before{};
    bool m_off = false;
};

/// One line of a terminal, or all of a pipe.
Result<Secret> readValue(const std::string &name, std::istream &in, std::ostream &err)
{
    std::string value;
    {
        const Echo echo;
        if (echo.isOff()) {
            err << "Value of " << name << " (it is not shown): " << std::flush;
            std::getline(in, value);
            err << '\n';
        } else {
            value.resize(maxSecretBytes + 3);
            in.read(value.data(), std::streamsize(value.size()));
            value.resize(std::size_t(in.gcount()));
        }
    }
    if (value.size() > maxSecretBytes + 2) {
        wipe(value);
        return failure("secret_bad", "the value on standard input is larger than 64 KiB; it is no key");
    }
    auto secret = secretFrom(value, "the value on standard input");
    wipe(value);
    return secret;
}

} // namespace

int setSecret(const SecretCommandOptions &options, std::istream &in, std::ostream &out, std::ostream &err)
{
    if (!isSealedName(options.name))
        return failed(err, {"usage", "a secret's name has 1 to 256 of A-Z a-z 0-9 . _ -"});
    const auto state = openStateDir(options.state);
    if (!state)
        return failed(err, state.error());
    const auto value = readValue(options.name, in, err);
    if (!value)
        return failed(err, value.error());
    SealedStore store(*state);
    const auto names = store.list(options.name);
    const bool replaced = names && !names->empty();
    if (auto written = store.write(options.name, *value); !written)
        return failed(err, written.error());
    if (options.json)
        out << Json{{"name", options.name}, {"replaced", replaced}}.dump(2) << '\n';
    else
        out << options.name << (replaced ? ": replaced" : ": stored") << "; write `store:" << options.name
            << "` where a key is named\n";
    return 0;
}

int listSecrets(const SecretCommandOptions &options, std::ostream &out, std::ostream &err)
{
    const auto state = findStateDir(options.state);
    if (!state)
        return failed(err, state.error());
    const auto names = SealedStore(*state).list("*");
    if (!names)
        return failed(err, names.error());
    if (options.json) {
        Json items = Json::array();
        for (const std::string &name : *names)
            items.push_back({{"name", name}});
        out << Json{{"items", std::move(items)}}.dump(2) << '\n';
        return 0;
    }
    for (const std::string &name : *names)
        out << name << '\n';
    if (names->empty())
        err << "keymuxd: the sealed store is empty\n";
    return 0;
}

int removeSecret(const SecretCommandOptions &options, std::ostream &out, std::ostream &err)
{
    const auto state = findStateDir(options.state);
    if (!state)
        return failed(err, state.error());
    if (auto removed = SealedStore(*state).remove(options.name); !removed)
        return failed(err, removed.error());
    if (options.json)
        out << Json{{"name", options.name}, {"removed", true}}.dump(2) << '\n';
    else
        out << options.name << ": removed\n";
    return 0;
}

int rekeySecrets(const SecretCommandOptions &options, std::ostream &out, std::ostream &err)
{
    const auto state = findStateDir(options.state);
    if (!state)
        return failed(err, state.error());
    const auto done = SealedStore(*state).rekey(options.newKeyFile);
    if (!done)
        return failed(err, done.error());
    if (options.json)
        out << Json{{"entries", done->entries}, {"key_file", done->keyFile}}.dump(2) << '\n';
    else
        out << done->entries << " secrets are sealed with a new master key, " << done->keyFile << '\n';
    if (!options.newKeyFile.empty())
        err << "keymuxd: from now on the sealed store needs KEYMUX_MASTER_KEY_FILE=" << done->keyFile
            << ", or the credential keymux-master-key with the same content\n";
    return 0;
}

} // namespace keymux
