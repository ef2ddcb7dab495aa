<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>ChangeWords</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 and %n more</numerusform>
            <numerusform>%1 and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StatusText</name>
    <message numerus="yes">
        <source>%n more event(s) were not told</source>
        <translation>
            <numerusform>%n more event was not told</numerusform>
            <numerusform>%n more events were not told</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::ConnectionStatus</name>
    <message numerus="yes">
        <source>Reconnecting in %n s</source>
        <translation>
            <numerusform>Reconnecting in %n s</numerusform>
            <numerusform>Reconnecting in %n s</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::ConnectionsDialog</name>
    <message numerus="yes">
        <source>%n connection(s) added. Enter the token of each.</source>
        <translation>
            <numerusform>%n connection added. Enter its token.</numerusform>
            <numerusform>%n connections added. Enter the token of each.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::HeatMap</name>
    <message numerus="yes">
        <source>%1
%2, %3 % room, %n in flight</source>
        <translation>
            <numerusform>%1
%2, %3 % room, %n in flight</numerusform>
            <numerusform>%1
%2, %3 % room, %n in flight</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::ImportDialog</name>
    <message numerus="yes">
        <source>&amp;Import %n key(s)</source>
        <translation>
            <numerusform>&amp;Import %n key</numerusform>
            <numerusform>&amp;Import %n keys</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Import %n key(s)</source>
        <translation>
            <numerusform>Import %n key</numerusform>
            <numerusform>Import %n keys</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::LimitsDialog</name>
    <message numerus="yes">
        <source>For %n row(s). Only what is ticked is set; an empty field takes the limit away.</source>
        <translation>
            <numerusform>For %n row. Only what is ticked is set; an empty field takes the limit away.</numerusform>
            <numerusform>For %n rows. Only what is ticked is set; an empty field takes the limit away.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::LivePage</name>
    <message numerus="yes">
        <source>%n deployment(s)</source>
        <translation>
            <numerusform>%n deployment</numerusform>
            <numerusform>%n deployments</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::LogsPage</name>
    <message numerus="yes">
        <source>%n line(s) copied.</source>
        <translation>
            <numerusform>%n line copied.</numerusform>
            <numerusform>%n lines copied.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::OverviewPage</name>
    <message numerus="yes">
        <source>%n key(s), revision %1 of %2</source>
        <translation>
            <numerusform>%n key, revision %1 of %2</numerusform>
            <numerusform>%n keys, revision %1 of %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::PoolPage</name>
    <message numerus="yes">
        <source>%n provider(s)</source>
        <translation>
            <numerusform>%n provider</numerusform>
            <numerusform>%n providers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n key(s)</source>
        <translation>
            <numerusform>%n key</numerusform>
            <numerusform>%n keys</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) not applied</source>
        <translation>
            <numerusform>%n change not applied</numerusform>
            <numerusform>%n changes not applied</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>%n problem</numerusform>
            <numerusform>%n problems</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remove %n row(s)</source>
        <translation>
            <numerusform>Remove %n row</numerusform>
            <numerusform>Remove %n rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Enable %n key(s)</source>
        <translation>
            <numerusform>Enable %n key</numerusform>
            <numerusform>Enable %n keys</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Disable %n key(s)</source>
        <translation>
            <numerusform>Disable %n key</numerusform>
            <numerusform>Disable %n keys</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Set limits of %n row(s)</source>
        <translation>
            <numerusform>Set limits of %n row</numerusform>
            <numerusform>Set limits of %n rows</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::SecretsPage</name>
    <message numerus="yes">
        <source>%n key(s) imported. Apply the change for the gateway to use them.</source>
        <translation>
            <numerusform>%n key imported. Apply the change for the gateway to use it.</numerusform>
            <numerusform>%n keys imported. Apply the change for the gateway to use them.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::SettingsPage</name>
    <message numerus="yes">
        <source>every %n second(s)</source>
        <translation>
            <numerusform>every second</numerusform>
            <numerusform>every %n seconds</numerusform>
        </translation>
    </message>
</context>
</TS>
