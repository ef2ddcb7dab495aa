// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace keymux {

namespace {

/// A flag with what may follow it.
struct Flag {
    std::string name, description;
    bool takesValue = false;
    std::vector<std::string> choices; ///< empty: anything, most likely a file
};

/// A command with its path from the program's name on.
struct Node {
    std::string path; ///< `keymuxd key mint`
    std::vector<std::pair<std::string, std::string>> commands;
    std::vector<Flag> flags;
};

/// CLI11 tells the members of a set as `TEXT:{a,b}`.
std::vector<std::string> choicesOf(const std::string &type)
{
    std::vector<std::string> choices;
    const auto open = type.find('{'), close = type.rfind('}');
    if (open == std::string::npos || close == std::string::npos)
        return choices;
    for (std::size_t at = open + 1; at < close;) {
        const std::size_t end = std::min(type.find(',', at), close);
        choices.push_back(type.substr(at, end - at));
        at = end + 1;
    }
    return choices;
}

void collect(const CLI::App &app, const std::string &path, std::vector<Node> &nodes)
{
    Node node{.path = path, .commands = {}, .flags = {}};
    for (const CLI::Option *option : app.get_options()) {
        for (const std::string &name : option->get_lnames()) {
            node.flags.push_back({.name = "--" + name,
                                  .description = option->get_description(),
                                  .takesValue = option->get_items_expected_max() > 0,
                                  .choices = choicesOf(option->get_type_name())});
        }
    }
    std::vector<const CLI::App *> commands = app.get_subcommands([](const CLI::App *) { return true; });
    for (const CLI::App *command : commands)
        node.commands.emplace_back(command->get_name(), command->get_description());
    nodes.push_back(std::move(node));
    for (const CLI::App *command : commands)
        collect(*command, path + ' ' + command->get_name(), nodes);
}

std::string joined(const std::vector<std::string> &words)
{
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// In single quotes, which all three shells read as it stands once its own quotes are closed around.
std::string quoted(const std::string &text)
{
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

/// The loop that finds which command is being typed, for bash and zsh alike but for where the words are.
void writePathSearch(const std::vector<Node> &nodes, std::ostream &out, const char *words, const char *last)
{
    out << "    local command=" << nodes.front().path << " word\n"
        << "    for word in " << words << "; do\n        case \"$command $word\" in\n            ";
    for (std::size_t i = 1; i < nodes.size(); ++i)
        out << (i > 1 ? "|" : "") << '"' << nodes[i].path << '"';
    out << ") command=\"$command $word\" ;;\n        esac\n    done\n" << last;
}

void writeBash(const std::vector<Node> &nodes, std::ostream &out)
{
    out << "# bash completion for keymuxd\n_keymuxd() {\n    COMPREPLY=()\n"
        << "    local current=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" words=\n";
    writePathSearch(nodes, out, "\"${COMP_WORDS[@]:1:COMP_CWORD-1}\"", "    case \"$command $before\" in\n");
    for (const Node &node : nodes) {
        for (const Flag &flag : node.flags) {
            if (!flag.takesValue)
                continue;
            out << "        \"" << node.path << ' ' << flag.name << "\") COMPREPLY=($(compgen "
                << (flag.choices.empty() ? std::string("-f") : "-W " + quoted(joined(flag.choices)))
                << " -- \"$current\")); return ;;\n";
        }
    }
    out << "    esac\n    case \"$command\" in\n";
    for (const Node &node : nodes) {
        std::vector<std::string> words;
        for (const auto &[name, description] : node.commands)
            words.push_back(name);
        for (const Flag &flag : node.flags)
            words.push_back(flag.name);
        out << "        \"" << node.path << "\") words=" << quoted(joined(words)) << " ;;\n";
    }
    out << "    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        << "    [ \"${#COMPREPLY[@]}\" = 0 ] && COMPREPLY=($(compgen -f -- \"$current\"))\n"
        << "    return 0\n}\ncomplete -o filenames -F _keymuxd keymuxd\n";
}

/// In a specification of zsh's _arguments, brackets and colons have a meaning.
std::string zshText(const std::string &text)
{
    std::string result;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\')
            result += '\\';
        result += c;
    }
    return result;
}

void writeZsh(const std::vector<Node> &nodes, std::ostream &out)
{
    out << "#compdef keymuxd\n_keymuxd() {\n";
    writePathSearch(nodes, out, "${words[2,CURRENT-1]}", "    local -a commands\n    case \"$command\" in\n");
    for (const Node &node : nodes) {
        out << "        \"" << node.path << "\")\n";
        if (!node.commands.empty()) {
            out << "            commands=(";
            for (const auto &[name, description] : node.commands)
                out << ' ' << quoted(name + ':' + zshText(description));
            out << ")\n            [[ $words[CURRENT] = -* ]] || { _describe command commands; return }\n";
        }
        out << "            _arguments '*:file:_files'";
        for (const Flag &flag : node.flags) {
            std::string text = flag.name + '[' + zshText(flag.description) + ']';
            if (flag.takesValue)
                text += ":value:" + (flag.choices.empty() ? std::string("_files") : '(' + joined(flag.choices) + ')');
            out << " \\\n                " << quoted(text);
        }
        out << "\n            ;;\n";
    }
    out << "    esac\n}\n_keymuxd \"$@\"\n";
}

/// In single quotes fish knows two escapes.
std::string fishQuoted(const std::string &text)
{
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\')
            result += '\\';
        result += c;
    }
    return result + "'";
}

void writeFish(const std::vector<Node> &nodes, std::ostream &out)
{
    out << "# fish completion for keymuxd\n"
        << "function __keymuxd_at\n    set -l path keymuxd\n    for word in (commandline -opc)[2..-1]\n"
        << "        switch \"$path $word\"\n            case";
    for (std::size_t i = 1; i < nodes.size(); ++i)
        out << ' ' << fishQuoted(nodes[i].path);
    out << "\n                set path \"$path $word\"\n        end\n    end\n    test \"$path\" = \"$argv[1]\"\nend\n";
    for (const Node &node : nodes) {
        const std::string start = "complete -c keymuxd -n " + fishQuoted("__keymuxd_at " + quoted(node.path));
        for (const auto &[name, description] : node.commands)
            out << start << " -f -a " << name << " -d " << fishQuoted(description) << '\n';
        for (const Flag &flag : node.flags) {
            out << start << " -l " << flag.name.substr(2) << " -d " << fishQuoted(flag.description);
            if (flag.takesValue)
                out << (flag.choices.empty() ? " -r -F" : " -x -a " + fishQuoted(joined(flag.choices)));
            out << '\n';
        }
    }
}

} // namespace

void writeCompletion(const CLI::App &app, Shell shell, std::ostream &out)
{
    std::vector<Node> nodes;
    collect(app, "keymuxd", nodes);
    switch (shell) {
    case Shell::Bash:
        writeBash(nodes, out);
        return;
    case Shell::Zsh:
        writeZsh(nodes, out);
        return;
    case Shell::Fish:
        writeFish(nodes, out);
        return;
    }
}

} // namespace keymux
