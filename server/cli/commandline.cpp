// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commandline.h"

#include "cli/completion.h"
#include "cli/importcommand.h"
#include "cli/keycommands.h"
#include "cli/poolcommands.h"
#include "cli/secretcommands.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

namespace keymux {

namespace {

TimePoint wallClock()
{
    return TimePoint(std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()));
}

/// The command line as CLI11 sees it, and the options its flags fill in.
class Commands {
public:
    explicit Commands(const CommandLine &commandLine) : m_io(commandLine)
    {
        m_app.set_version_flag("--version", "keymuxd " KEYMUX_VERSION);
        m_app.require_subcommand(0, 1);
        // Scripts and containers append flags to beat earlier ones.
        m_app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        addServe();
        addBootstrap();
        addCheck();
        addKey();
        addSecret();
        addImport();
        addStatus();
        addCompletion();
    }

    int run(int argc, const char *const *argv)
    {
        try {
            m_app.parse(argc, argv);
        } catch (const CLI::ParseError &error) {
            // CLI11 reports help and version this way, too.
            return m_app.exit(error, m_io.out, m_io.err) == 0 ? 0 : 2;
        }
        if (m_app.get_subcommands().empty())
            m_io.out << m_app.help();
        return m_exitCode;
    }

private:
    void addServe()
    {
        auto *serve = m_app.add_subcommand("serve", "Run the gateway");
        serve->add_option("--config", m_serve.config,
                          "Pool config (default: ./key-pool-config.json, then /etc/keymux/key-pool-config.json)");
        serve->add_option("--state", m_serve.state,
                          "State directory (default: $STATE_DIRECTORY, $XDG_STATE_HOME/keymux, ~/.local/state/keymux)");
        serve->add_option("--listen", m_serve.listen,
                          "Address for clients (default 127.0.0.1:4000; port 0 takes a free one)");
        serve->add_option("--admin-listen", m_serve.adminListen, "Address for operators (default 127.0.0.1:4001)");
        serve->add_option("--workers", m_serve.workers, "Threads that serve clients (default: one for each core)")
            ->check(CLI::Range(1, 256));
        serve->add_option("--log-format", m_serve.logFormat, "text or json")->check(CLI::IsMember({"text", "json"}));
        serve->add_option("--log-level", m_serve.logLevel, "debug, info, warning or error")
            ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
        serve->add_option("--virtual-key-from", m_serve.virtualKeyFrom,
                          "Reference to the first virtual key, such as env:NAME or file:PATH");
        serve->add_option("--admin-token-from", m_serve.adminTokenFrom, "Reference to the admin token");
        serve->add_option(
            "--prices", m_serve.prices,
            "Price list that is looked up before the built-in one (default: STATE/prices.json, if there)");
        serve->add_option("--usage-days", m_serve.usageDays, "Days for which usage is kept (default 400)")
            ->check(CLI::Range(1, 36500));
        serve
            ->add_option("--usage-rows", m_serve.usageRows,
                         "Hourly sums of usage that are kept, the oldest going first (default 2000000)")
            ->check(CLI::Range(std::int64_t(1000), std::int64_t(1'000'000'000)));
        serve->add_flag("--allow-literal-keys", m_serve.allowLiteralKeys,
                        "Accept secrets written into the config (not recommended)");
        auto *demo = serve->add_flag("--demo", m_serve.demo,
                                     "Serve an embedded provider with small limits; needs no keys and no config");
        serve
            ->add_flag("--takeover", m_serve.takeover,
                       "Take over from the server that runs on this state, if there is one, without a gap")
            ->excludes(demo);
        serve->callback([this] { m_exitCode = m_io.serve(m_serve); });
    }

    void addBootstrap()
    {
        auto *command = m_app.add_subcommand("bootstrap", "Check config and secrets, and make the first virtual key");
        command->add_option("--config", m_bootstrap.config, "Pool config");
        command->add_option("--state", m_bootstrap.state, "State directory");
        command->add_option("--virtual-key-from", m_bootstrap.virtualKeyFrom,
                            "Reference to the first virtual key instead of a new one");
        command->add_option("--virtual-key-file", m_bootstrap.virtualKeyFile,
                            "Where to write the key (default STATE/virtual-key)");
        command->add_flag("--probe", m_bootstrap.probe,
                          "Ask each key's provider whether it takes it (its free list of models)");
        command->add_flag("--allow-literal-keys", m_bootstrap.allowLiteralKeys,
                          "Accept secrets written into the config (not recommended)");
        command->callback(
            [this] { m_exitCode = bootstrap(m_bootstrap, wallClock(), m_io.probeKeys, m_io.out, m_io.err); });
    }

    void addCheck()
    {
        auto *command = m_app.add_subcommand("check", "Validate a pool config: every problem at once");
        command->add_option("FILE", m_check.file, "The config; - reads standard input")->required();
        command->add_flag("--json", m_check.json, "Print the problems as JSON");
        command->add_flag("--allow-literal-keys", m_check.allowLiteralKeys, "Accept secrets written into the config");
        command->callback([this] { m_exitCode = checkConfig(m_check, m_io.out, m_io.err); });
    }

    CLI::App *addKeyCommand(CLI::App *parent, const char *name, const char *description,
                            int (*action)(const KeyCommandOptions &, TimePoint, std::ostream &, std::ostream &))
    {
        auto *command = parent->add_subcommand(name, description);
        command->add_option("--state", m_key.state, "State directory");
        command->add_option("--server", m_key.server,
                            "Work on the running server with this admin listener, such as http://127.0.0.1:4001");
        command
            ->add_option("--token-file", m_key.tokenFile,
                         "File with the admin token for --server (default STATE/admin-token)")
            ->needs(command->get_option("--server"));
        command->add_flag("--json", m_key.json, "Print JSON");
        command->callback([this, action] { m_exitCode = action(m_key, wallClock(), m_io.out, m_io.err); });
        return command;
    }

    void addKey()
    {
        auto *key = m_app.add_subcommand("key", "Virtual keys: what clients hold");
        key->require_subcommand(1);
        auto *mint = addKeyCommand(key, "mint", "Make a virtual key and print it, this once", &mintKey);
        mint->add_option("NAME,--name", m_key.name, "What to call it (default: key)");
        addKeyFields(mint);
        addKeyCommand(key, "list", "List all virtual keys", &listKeys);
        addNamedKeyCommand(key, "show", "Show one virtual key", &showKey);
        auto *update =
            addNamedKeyCommand(key, "update", "Change a virtual key; what is not named stays as it is", &updateKey);
        update->add_option("--name", m_key.name, "What to call it");
        addKeyFields(update);
        addNamedKeyCommand(key, "rotate", "Give a virtual key a new text and print it, this once", &rotateKey)
            ->add_option("--grace", m_key.grace, "How long the old text works on, such as 15m, 24h, 7d (default: 0)");
        addNamedKeyCommand(key, "revoke", "Make a virtual key stop working, for good", &revokeKey);
    }

    CLI::App *addNamedKeyCommand(CLI::App *parent, const char *name, const char *description,
                                 int (*action)(const KeyCommandOptions &, TimePoint, std::ostream &, std::ostream &))
    {
        auto *command = addKeyCommand(parent, name, description, action);
        command->add_option("ID", m_key.key, "Its id, or its name")->required();
        return command;
    }

    void addKeyFields(CLI::App *command)
    {
        command
            ->add_option("--models,--model", m_key.models,
                         "Models it may ask for, `*` standing for anything: a,b or repeated (default: all)")
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->delimiter(',')
            ->allow_extra_args(false);
        command->add_option("--rpm-limit", m_key.rpm, "Requests a minute, or none");
        command->add_option("--tpm-limit", m_key.tpm, "Tokens a minute, or none");
        command->add_option("--max-parallel", m_key.maxParallel, "Requests at the same time, or none");
        command->add_option("--budget", m_key.budget,
                            "What it may spend: 20usd/month, 100000tokens/day, 500requests/total, or none");
        command->add_option("--budget-unit", m_key.budgetUnit, "usd, tokens or requests, when --budget is a number");
        command->add_option("--budget-period", m_key.budgetPeriod, "day, week, month or total (UTC; default: total)");
        command->add_option("--expires", m_key.expires,
                            "When it ends: 2027-01-31T12:00:00Z, or 90m, 12h, 30d, 4w from now; or none");
        command->add_option("--metadata", m_key.metadata, "A JSON object to keep with it");
        // Not bound to the options: a flag that is not given must leave what a key has.
        command->add_flag_callback(
            "--expose-route", [this] { m_key.exposeRoute = true; },
            "Tell its clients in x-keymux-key which key served them");
        command->add_flag_callback(
            "--no-expose-route", [this] { m_key.exposeRoute = false; }, "Do not tell them");
        command->add_flag_callback(
            "--block", [this] { m_key.blocked = true; }, "Refuse it until it is unblocked");
        command->add_flag_callback(
            "--unblock", [this] { m_key.blocked = false; }, "Let it work again");
    }

    CLI::App *addSecretCommand(CLI::App *parent, const char *name, const char *description)
    {
        auto *command = parent->add_subcommand(name, description);
        command->add_option("--state", m_secret.state, "State directory");
        command->add_flag("--json", m_secret.json, "Print JSON");
        return command;
    }

    void addSecret()
    {
        auto *secret = m_app.add_subcommand("secret", "The sealed store: secrets that `store:NAME` names");
        secret->require_subcommand(1);
        auto *set = addSecretCommand(secret, "set", "Store a secret; its value is read from standard input");
        set->add_option("NAME", m_secret.name, "Its name")->required();
        set->callback([this] { m_exitCode = setSecret(m_secret, std::cin, m_io.out, m_io.err); });
        auto *list = addSecretCommand(secret, "list", "List the names; values are never shown");
        list->callback([this] { m_exitCode = listSecrets(m_secret, m_io.out, m_io.err); });
        auto *remove = addSecretCommand(secret, "remove", "Remove a secret");
        remove->add_option("NAME", m_secret.name, "Its name")->required();
        remove->callback([this] { m_exitCode = removeSecret(m_secret, m_io.out, m_io.err); });
        auto *rekey = addSecretCommand(secret, "rekey", "Seal all secrets with a new master key");
        rekey->add_option("--new-key-file", m_secret.newKeyFile,
                          "The new key, 64 hexadecimal digits, when it is not kept in STATE/master-key");
        rekey->callback([this] { m_exitCode = rekeySecrets(m_secret, m_io.out, m_io.err); });
    }

    CLI::App *addImportCommand(CLI::App *parent, const char *name, const char *description, ImportSource source)
    {
        auto *command = parent->add_subcommand(name, description);
        command->add_option("--into", m_import.into, "Pool config to extend or make (default: print the document)");
        command->add_option("--secrets-dir", m_import.secretsDir,
                            "Write each key that is found as such to a file in this directory, and refer to it");
        command->add_option("--models,--model", m_import.models, "Models of keys that name none: a,b or repeated")
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->delimiter(',')
            ->allow_extra_args(false);
        command->add_flag("--dry-run", m_import.dryRun, "Write no file; print the document and what would be done");
        command->add_flag("--json", m_import.json, "Print the report and the document as JSON");
        command->add_flag("--allow-literal-keys", m_import.allowLiteralKeys,
                          "Accept secrets written into the config that is extended");
        command->callback([this, source] { m_exitCode = importPool(source, m_import, m_io.out, m_io.err); });
        return command;
    }

    /// Of sources that are lists of keys.
    void addImportFields(CLI::App *command)
    {
        command->add_option("--provider", m_import.provider, "Whose keys they are (default: by name or column)");
        command->add_option("--base-url", m_import.baseUrl, "Where that provider is, when its name does not tell")
            ->needs(command->get_option("--provider"));
        const auto limit = [&](const char *flag, std::optional<std::int64_t> &value, const char *description) {
            command->add_option(flag, value, description)->check(CLI::PositiveNumber);
        };
        limit("--rpm-limit", m_import.limits.rpm, "Requests a minute of each key and model");
        limit("--tpm-limit", m_import.limits.tpm, "Tokens a minute of each key and model");
        limit("--rpd-limit", m_import.limits.rpd, "Requests a day of each key and model");
        command->add_flag("--skip-bad", m_import.skipBad, "Take the good lines where some are wrong");
    }

    void addImport()
    {
        auto *import = m_app.add_subcommand("import", "Make or extend a pool config from what you have");
        import->require_subcommand(1);
        auto *litellm =
            addImportCommand(import, "litellm", "From config.yaml of LiteLLM's proxy", ImportSource::LiteLlm);
        litellm->add_option("FILE", m_import.file, "The file; - reads standard input")->required();
        auto *env = addImportCommand(import, "env", "From a .env file or the environment", ImportSource::Env);
        env->add_option("FILE", m_import.file, "The .env file; - reads standard input (default: the environment)");
        env->add_option("--match", m_import.match, "Names to take, such as 'GEMINI_KEY_*' (default: what names a key)");
        addImportFields(env);
        auto *csv = addImportCommand(import, "csv", "From a table with a header row", ImportSource::Csv);
        csv->add_option("FILE", m_import.file, "The table; - reads standard input")->required();
        addImportFields(csv);
    }

    void addStatus()
    {
        auto *command = m_app.add_subcommand("status", "Show the pool of a running server");
        command->add_option("--state", m_status.state, "State directory of the server");
        command->add_option("--server", m_status.server, "Its admin listener, such as http://127.0.0.1:4001");
        command->add_option("--token-file", m_status.tokenFile,
                            "File with the admin token (default STATE/admin-token)");
        command->add_flag("--json", m_status.json, "Print the state as JSON");
        command->add_flag("--watch", m_status.watch, "Show it again and again, until Ctrl+C or the key q");
        command->add_option("--interval", m_status.interval, "Seconds between two looks with --watch (default: 1)")
            ->check(CLI::Range(0.1, 3600.0));
        command->callback([this] { m_exitCode = showStatus(m_status, m_io.out, m_io.err); });
    }

    void addCompletion()
    {
        auto *command = m_app.add_subcommand("completion", "Print a completion script for a shell");
        command->add_option("SHELL", m_shell, "bash, zsh or fish")
            ->required()
            ->check(CLI::IsMember({"bash", "zsh", "fish"}));
        command->callback([this] {
            writeCompletion(m_app,
                            m_shell == "bash"  ? Shell::Bash
                            : m_shell == "zsh" ? Shell::Zsh
                                               : Shell::Fish,
                            m_io.out);
        });
    }

    const CommandLine &m_io;
    CLI::App m_app{"Keymux: hundreds of LLM provider keys behind one virtual key", "keymuxd"};
    ServeOptions m_serve;
    BootstrapOptions m_bootstrap;
    CheckOptions m_check;
    KeyCommandOptions m_key;
    SecretCommandOptions m_secret;
    ImportCommandOptions m_import;
    StatusOptions m_status;
    std::string m_shell;
    int m_exitCode = 0;
};

} // namespace

int runCommandLine(int argc, const char *const *argv, const CommandLine &commandLine)
{
    return Commands(commandLine).run(argc, argv);
}

} // namespace keymux
