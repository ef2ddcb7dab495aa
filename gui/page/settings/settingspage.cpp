// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/settings/settingspage.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QSettings>
#include <QVBoxLayout>
#include <utility>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

// The same in every card, so that the fields of all stand below each other.
constexpr int labelWidth = 110, fieldWidth = 260;

QFrame *cardWith(const QString &title, QFormLayout *&form)
{
    auto *card = new QFrame;
    card->setProperty("card", true);
    auto *column = new QVBoxLayout(card);
    column->setContentsMargins(14, 12, 14, 14);
    column->setSpacing(10);
    auto *heading = new QLabel(title);
    heading->setProperty("role", QStringLiteral("heading"));
    column->addWidget(heading);
    form = new QFormLayout;
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->setFieldGrowthPolicy(QFormLayout::FieldsStayAtSizeHint);
    form->setVerticalSpacing(10);
    column->addLayout(form);
    return card;
}

void addChoice(QFormLayout &form, const QString &name, QComboBox *choice)
{
    auto *label = new QLabel(name);
    label->setMinimumWidth(labelWidth);
    label->setBuddy(choice);
    choice->setMinimumWidth(fieldWidth);
    form.addRow(label, choice);
}

} // namespace

SettingsPage::SettingsPage(Theme &theme, GatewaySession &session, QWidget *parent)
    : Page(tr("Settings"), u"settings"_s, parent), m_theme(theme), m_session(session)
{
    body().setSpacing(12);
    body().addWidget(buildLook());
    body().addWidget(buildBehaviour());
    body().addStretch();
}

QWidget *SettingsPage::buildLook()
{
    QFormLayout *form = nullptr;
    auto *card = cardWith(tr("Look"), form);
    auto *theme = new QComboBox;
    for (const auto &[choice, name] :
         {std::pair{Theme::Choice::System, tr("As the system")}, std::pair{Theme::Choice::Light, tr("Light")},
          std::pair{Theme::Choice::Dark, tr("Dark")}})
        theme->addItem(name, int(choice));
    theme->setCurrentIndex(theme->findData(int(m_theme.choice())));
    connect(theme, &QComboBox::currentIndexChanged, this, [this, theme] {
        const auto choice = Theme::Choice(theme->currentData().toInt());
        m_theme.choose(choice);
        QSettings().setValue(u"theme"_s, Theme::nameOf(choice));
    });
    connect(&m_theme, &Theme::changed, theme,
            [this, theme] { theme->setCurrentIndex(theme->findData(int(m_theme.choice()))); });
    addChoice(*form, tr("&Theme"), theme);
    auto *language = new QComboBox;
    language->addItem(tr("As the system"), QString());
    language->addItem(u"English"_s, u"en"_s);
    language->addItem(u"Deutsch"_s, u"de"_s);
    language->setCurrentIndex(std::max(0, language->findData(QSettings().value(u"language"_s).toString())));
    connect(language, &QComboBox::currentIndexChanged, this, [this, language] {
        QSettings().setValue(u"language"_s, language->currentData());
        messages().show(Tone::Muted, tr("The language changes with the next start."));
    });
    addChoice(*form, tr("&Language"), language);
    return card;
}

QWidget *SettingsPage::buildBehaviour()
{
    QFormLayout *form = nullptr;
    auto *card = cardWith(tr("Behaviour"), form);
    auto *interval = new QComboBox;
    for (const int ms : {250, 500, 1000, 2000, 5000})
        interval->addItem(
            ms < 1000 ? tr("%1 times a second").arg(1000 / ms) : tr("every %n second(s)", nullptr, ms / 1000), ms);
    const int now = QSettings().value(u"interval_ms"_s, 1000).toInt();
    interval->setCurrentIndex(std::max(0, interval->findData(now)));
    m_session.feed().setInterval(interval->currentData().toInt());
    connect(interval, &QComboBox::currentIndexChanged, this, [this, interval] {
        QSettings().setValue(u"interval_ms"_s, interval->currentData());
        m_session.feed().setInterval(interval->currentData().toInt());
    });
    addChoice(*form, tr("&Updates"), interval);
    m_silenced = new QCheckBox(tr("&Silence notifications"));
    connect(m_silenced, &QCheckBox::toggled, this, &SettingsPage::silencedChosen);
    form->addRow(QString(), m_silenced);
    return card;
}

void SettingsPage::setSilenced(bool silenced)
{
    m_silenced->setChecked(silenced);
}

} // namespace keymux::gui
