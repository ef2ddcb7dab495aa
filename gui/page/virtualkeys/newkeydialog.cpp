// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/virtualkeys/newkeydialog.h"

#include "theme/colours.h"
#include "widgets/dialogs.h"
#include "widgets/wrappedlabel.h"

#include <QApplication>
#include <QClipboard>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QVBoxLayout>
#include <utility>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr auto curlText = R"(curl %1/chat/completions \
  -H "Authorization: Bearer %2" \
  -H "Content-Type: application/json" \
  -d '{"model": "gpt-4", "messages": [{"role": "user", "content": "Hello"}]}')";

constexpr auto pythonText = R"(from openai import OpenAI

client = OpenAI(base_url="%1", api_key="%2")
answer = client.chat.completions.create(
    model="gpt-4",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content))";

constexpr auto javascriptText = R"(import OpenAI from "openai";

const client = new OpenAI({ baseURL: "%1", apiKey: "%2" });
const answer = await client.chat.completions.create({
  model: "gpt-4",
  messages: [{ role: "user", content: "Hello" }],
});
console.log(answer.choices[0].message.content);)";

constexpr auto environmentText = "export OPENAI_BASE_URL=%1\nexport OPENAI_API_KEY=%2";

} // namespace

NewKeyDialog::NewKeyDialog(const QString &name, const QString &key, const QUrl &client, QWidget *parent)
    : QDialog(parent)
{
    setObjectName(u"newKeyDialog"_s);
    setWindowTitle(tr("Virtual key %1").arg(name));
    resize(640, 420);
    auto *note = new WrappedLabel(tr("Copy it now: the gateway keeps only its digest, so nobody can show it again."));
    auto *field = new QLineEdit(key);
    field->setReadOnly(true);
    field->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    field->setAccessibleName(tr("The virtual key"));
    field->setObjectName(u"newKey"_s);
    auto *copy = new QPushButton(tr("&Copy"));
    copy->setDefault(true);
    connect(copy, &QPushButton::clicked, this, [copy, key] {
        QApplication::clipboard()->setText(key);
        copy->setText(tr("Copied"));
    });
    auto *row = new QHBoxLayout;
    row->addWidget(field, 1);
    row->addWidget(copy);
    auto *column = dialogColumn(*this);
    column->addWidget(note);
    column->addLayout(row);
    column->addWidget(snippets(key, client.toString(QUrl::StripTrailingSlash) + "/v1"_L1), 1);
    column->addLayout(buttonRow(*this, tr("C&lose"), nullptr));
}

QWidget *NewKeyDialog::snippets(const QString &key, const QString &base)
{
    auto *tabs = new QTabWidget;
    tabs->setDocumentMode(true);
    tabs->setAccessibleName(tr("Examples"));
    for (const auto &[name, text] :
         {std::pair{u"curl"_s, curlText}, std::pair{u"Python"_s, pythonText},
          std::pair{u"JavaScript"_s, javascriptText}, std::pair{tr("Environment"), environmentText}}) {
        auto *page = new QWidget;
        auto *code = new QPlainTextEdit(QString::fromLatin1(text).arg(base, key));
        code->setReadOnly(true);
        code->setLineWrapMode(QPlainTextEdit::NoWrap);
        code->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
        code->setAccessibleName(tr("Example: %1").arg(name));
        code->setTabChangesFocus(true);
        auto *copy = new QPushButton(tr("Copy the example"));
        copy->setAccessibleName(tr("Copy the example: %1").arg(name));
        connect(copy, &QPushButton::clicked, code, [code] { QApplication::clipboard()->setText(code->toPlainText()); });
        auto *column = new QVBoxLayout(page);
        column->setContentsMargins(0, 8, 0, 0);
        column->addWidget(code, 1);
        column->addWidget(copy, 0, Qt::AlignRight);
        tabs->addTab(page, name);
    }
    return tabs;
}

} // namespace keymux::gui
