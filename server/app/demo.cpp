// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/demo.h"

#include "core/virtualkey.h"
#include "demoprovider/demoprovider.h"

#include <QFile>
#include <QSaveFile>
#include <sodium.h>

namespace keymux {

namespace {

constexpr int demoKeys = 4;

/// A key the embedded provider knows, put where the demo's config looks for it.
std::string newDemoKey(int number)
{
    std::array<std::uint8_t, 32> random{};
    randombytes_buf(random.data(), random.size());
    std::string key = "demo-" + virtualKeyFrom(random).substr(3);
    qputenv(("KEYMUX_DEMO_KEY_" + std::to_string(number)).c_str(), QByteArray::fromStdString(key));
    return key;
}

std::string readKeptKey(const std::string &stateDir)
{
    QFile file(QString::fromStdString(stateDir + "/virtual-key"));
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toStdString() : std::string();
}

} // namespace

Demo::Demo() = default;

Demo::~Demo()
{
    if (m_thread)
        m_thread->run([this] { m_provider.reset(); });
}

Result<std::string> Demo::start(const std::string &stateDir)
{
    std::vector<std::string> keys;
    for (int i = 1; i <= demoKeys; ++i)
        keys.push_back(newDemoKey(i));
    m_thread = std::make_unique<EventThread>(QStringLiteral("demo"));
    Result<quint16> port;
    std::string baseUrl;
    m_thread->run([&] {
        m_provider = std::make_unique<DemoProvider>(std::move(keys), demoModels());
        port = m_provider->listen();
        baseUrl = m_provider->baseUrl();
    });
    if (!port)
        return tl::unexpected(port.error());

    const std::string path = stateDir + "/demo-pool-config.json";
    const std::string text = demoConfigText(baseUrl);
    QSaveFile file{QString::fromStdString(path)};
    if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), qint64(text.size())) < 0 || !file.commit())
        return failure("state_unwritable", "cannot write " + path + ": " + file.errorString().toStdString());
    return path;
}

std::string Demo::invitation(const std::string &clientUrl, const std::string &stateDir,
                             const std::string &firstKey) const
{
    const std::string kept = firstKey.empty() ? readKeptKey(stateDir) : firstKey;
    const std::string key = kept.empty() ? "YOUR-VIRTUAL-KEY" : kept;
    return "\nThe demo provider answers with small real limits: repeat this a few times and watch keys rotate, cool "
           "down and recover.\n\n"
           "  curl " +
           clientUrl +
           "/v1/chat/completions \\\n"
           "    -H \"Authorization: Bearer " +
           key +
           "\" -H \"Content-Type: application/json\" \\\n"
           "    -d '{\"model\": \"gpt-4\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'\n";
}

} // namespace keymux
