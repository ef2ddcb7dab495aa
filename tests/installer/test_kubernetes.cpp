// SPDX-License-Identifier: GPL-3.0-or-later
// installer/kubernetes against the real program: the containers' own command lines run here, with the pod's folders in
// a temporary one and the listeners on free ports, and what people ask of the pod is asked.
#include "support/daemon.h"
#include "support/goodanswers.h"
#include "support/scriptedupstream.h"
#include "support/show.h"

#include <QRegularExpression>
#include <QtTest>
#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

using namespace keymux::testing;

namespace {

const std::filesystem::path manifests = std::filesystem::path(KEYMUX_SOURCE_DIR) / "installer/kubernetes";

std::string contentOf(const std::filesystem::path &path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path &path, const std::string &text)
{
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
}

std::string replaced(std::string text, const std::string &what, const std::string &by)
{
    const auto at = text.find(what);
    return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

/// Every resource a kustomization names, with the folder's own rules: files and other kustomizations.
void collect(const std::filesystem::path &folder, std::vector<YAML::Node> &resources)
{
    const YAML::Node kustomization = YAML::LoadFile(folder / "kustomization.yaml");
    for (const auto &resource : kustomization["resources"]) {
        const auto path = folder / resource.as<std::string>();
        if (std::filesystem::is_directory(path))
            collect(path, resources);
        else {
            for (const YAML::Node &document : YAML::LoadAllFromFile(path))
                resources.push_back(document);
        }
    }
    for (const auto &map : kustomization["configMapGenerator"]) {
        for (const auto &file : map["files"])
            QVERIFY2(std::filesystem::exists(folder / file.as<std::string>()), file.as<std::string>().c_str());
    }
}

/// The pod's file system and its provider.
class Pod {
public:
    Pod() : deployment(YAML::LoadFile(manifests / "base/deployment.yaml"))
    {
        spec = deployment["spec"]["template"]["spec"];
        config = replaced(contentOf(manifests / "base/key-pool-config.json"), "\"gemini\": {",
                          "\"gemini\": {\"base_url\": \"" + upstream.baseUrl() + "\",");
        // A test has no endpoints that learn of its end.
        config = replaced(config, "\"drain_delay_ms\": 5000", "\"drain_delay_ms\": 0");
        config = replaced(config, "file:/run/secrets", "file:" + root() + "/run/secrets");
        write(root() + "/etc/keymux/key-pool-config.json", config);
        write(root() + "/run/secrets/keymux/GEMINI_KEY_1", "AIza-first");
        write(root() + "/run/secrets/keymux/GEMINI_KEY_2", "AIza-second");
        write(root() + "/run/secrets/keymux-credentials/virtual-key", key);
        write(root() + "/run/secrets/keymux-credentials/admin-token", token);
        std::filesystem::create_directories(root() + "/tmp");
        std::filesystem::create_directories(root() + "/var/lib/keymux");
        ::chmod((root() + "/var/lib/keymux").c_str(), 0700);
    }

    std::string root() const { return folder.path().string(); }

    /// A container's command line; each path in it must lie in a volume that the container mounts.
    std::vector<std::string> commandOf(const YAML::Node &container)
    {
        std::vector<std::string> command{daemonProgram()};
        for (const auto &item : container["args"]) {
            std::string argument = item.as<std::string>();
            const auto slash = argument.find('/');
            if (argument.starts_with("--listen=") || argument.starts_with("--admin-listen="))
                argument = argument.substr(0, argument.find('=')) + "=127.0.0.1:0";
            else if (slash != std::string::npos) {
                bool mounted = false;
                for (const auto &mount : container["volumeMounts"])
                    mounted |= argument.substr(slash).starts_with(mount["mountPath"].as<std::string>());
                unmounted += mounted ? std::string() : argument + ' ';
                argument.insert(slash, root());
            }
            command.push_back(argument);
        }
        return command;
    }

    ScriptedUpstream upstream;
    TemporaryFolder folder;
    YAML::Node deployment, spec;
    std::string config, unmounted;
    const std::string key = "sk-keymux-0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
                      token = "token-of-the-operator-1234567";
};

const std::vector<std::string> environment{"PATH=/usr/bin:/bin", "HOME=/nonexistent"};

} // namespace

class KubernetesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyNameThatIsReferredToIsThere()
    {
        for (const char *folder : {"base", "servicemonitor", "infisical"}) {
            std::vector<YAML::Node> resources;
            collect(manifests / folder, resources);
            QVERIFY(!resources.empty());
            for (const YAML::Node &resource : resources) {
                QVERIFY(resource["apiVersion"] && resource["kind"]);
                QVERIFY(resource["metadata"]["name"].as<std::string>().starts_with("keymux"));
            }
        }
        const Pod pod;
        for (const char *list : {"initContainers", "containers"}) {
            for (const auto &container : pod.spec[list]) {
                for (const auto &mount : container["volumeMounts"]) {
                    const auto volumes = pod.spec["volumes"];
                    QVERIFY(std::any_of(volumes.begin(), volumes.end(), [&](const auto &volume) {
                        return volume["name"].template as<std::string>() == mount["name"].template as<std::string>();
                    }));
                }
            }
        }
        // A pod is killed only after the time its own config gives it.
        const auto number = [&](const char *name) {
            const QRegularExpression pattern(QStringLiteral("\"%1\": (\\d+)").arg(QString::fromLatin1(name)));
            return pattern.match(QString::fromStdString(contentOf(manifests / "base/key-pool-config.json")))
                .captured(1)
                .toInt();
        };
        QVERIFY(number("drain_timeout_ms") > 0);
        QVERIFY(pod.spec["terminationGracePeriodSeconds"].as<int>() * 1000 >
                number("drain_delay_ms") + number("drain_timeout_ms"));
    }

    void theContainersOwnCommandLinesStartAndAnswer()
    {
        Pod pod;
        // kubectl logs deploy/keymux -c key-pool-setup | grep "Virtual Key:"
        Process setup(pod.commandOf(pod.spec["initContainers"][0]), environment);
        const auto code = setup.wait();
        setup.waitForEnd();
        QVERIFY2(code == 0, setup.err().c_str());
        QVERIFY2(setup.out().find("Virtual Key: " + pod.key) != std::string::npos, setup.out().c_str());
        // kubectl exec deploy/keymux -- cat /tmp/keymux-virtual-key.txt
        QCOMPARE(replaced(contentOf(pod.root() + "/tmp/keymux-virtual-key.txt"), "\n", {}), pod.key);

        pod.upstream.on({.key = "AIza-first"}, upstream::minuteLimit());
        const YAML::Node container = pod.spec["containers"][0];
        Process server(pod.commandOf(container), environment);
        QVERIFY2(server.waitForText("keymuxd ready: "), server.err().c_str());
        QVERIFY2(pod.unmounted.empty(), pod.unmounted.c_str());
        std::string url = server.out().substr(server.out().find("keymuxd ready: ") + 15);
        url = url.substr(0, url.find_first_of(" \n"));
        HttpClient nobody(url, {});
        for (const char *probe : {"startupProbe", "livenessProbe", "readinessProbe"}) {
            const YAML::Node get = container[probe]["httpGet"];
            QCOMPARE(get["port"].as<std::string>(), container["ports"][0]["name"].as<std::string>());
            QCOMPARE(nobody.get(get["path"].as<std::string>()).status, 200);
        }
        QCOMPARE(nobody.get("/health").status, 200);
        HttpClient client(url, {{"Authorization", "Bearer " + pod.key}, {"Content-Type", "application/json"}});
        const auto models = client.get("/v1/models");
        QCOMPARE(models.status, 200);
        QVERIFY(models.body.find("gemini-2.5-flash") != std::string::npos);
        for (int i = 0; i < 4; ++i)
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.5-flash", false)).status, 200);
        server.signal(SIGTERM);
        QVERIFY(server.wait() == 0);
        server.waitForEnd();
        // kubectl logs deploy/keymux | grep -i "rate\|fallback"
        const QString log = QString::fromStdString(server.out() + server.err());
        QVERIFY2(log.contains(
                     QRegularExpression(QStringLiteral("rate|fallback"), QRegularExpression::CaseInsensitiveOption)),
                 qPrintable(log));
        for (const char *secret : {"AIza-first", "AIza-second", "token-of-the-operator"})
            QVERIFY(!log.contains(QLatin1String(secret)));
    }
};

QTEST_GUILESS_MAIN(KubernetesTest)
#include "test_kubernetes.moc"
