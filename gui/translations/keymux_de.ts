<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>ChangeWords</name>
    <message numerus="yes">
        <source>%1 and %n more</source>
        <translation>
            <numerusform>%1 und %n weiterer</numerusform>
            <numerusform>%1 und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Providers added: %1</source>
        <translation>Anbieter hinzugefügt: %1</translation>
    </message>
    <message>
        <source>Providers removed: %1</source>
        <translation>Anbieter entfernt: %1</translation>
    </message>
    <message>
        <source>Keys added: %1</source>
        <translation>Schlüssel hinzugefügt: %1</translation>
    </message>
    <message>
        <source>Keys removed: %1</source>
        <translation>Schlüssel entfernt: %1</translation>
    </message>
    <message>
        <source>Models added: %1</source>
        <translation>Modelle hinzugefügt: %1</translation>
    </message>
    <message>
        <source>Models removed: %1</source>
        <translation>Modelle entfernt: %1</translation>
    </message>
    <message>
        <source>Keys changed: %1</source>
        <translation>Schlüssel geändert: %1</translation>
    </message>
    <message>
        <source>Providers changed: %1</source>
        <translation>Anbieter geändert: %1</translation>
    </message>
    <message>
        <source>Routing changed</source>
        <translation>Routing geändert</translation>
    </message>
    <message>
        <source>Secret sources changed</source>
        <translation>Quellen der Geheimnisse geändert</translation>
    </message>
    <message>
        <source>Server options changed</source>
        <translation>Optionen des Servers geändert</translation>
    </message>
    <message>
        <source>Order changed</source>
        <translation>Reihenfolge geändert</translation>
    </message>
    <message>
        <source>Comments or layout only</source>
        <translation>Nur Kommentare oder Anordnung</translation>
    </message>
</context>
<context>
    <name>ConnectionList</name>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>%1 kann nicht gelesen werden: %2</translation>
    </message>
    <message>
        <source>%1 is not a list of connections; it is left as it is until a connection is saved.</source>
        <translation>%1 ist keine Liste von Verbindungen; die Datei bleibt, wie sie ist, bis eine Verbindung gespeichert wird.</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2</source>
        <translation>%1 kann nicht geschrieben werden: %2</translation>
    </message>
</context>
<context>
    <name>CsvText</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Secret</source>
        <translation>Geheimnis</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Quota group</source>
        <translation>Kontingentgruppe</translation>
    </message>
    <message>
        <source>Column %1</source>
        <translation>Spalte %1</translation>
    </message>
    <message>
        <source>empty</source>
        <translation>leer</translation>
    </message>
    <message>
        <source>Choose the column that holds the secrets.</source>
        <translation>Wählen Sie die Spalte, in der die Geheimnisse stehen.</translation>
    </message>
    <message>
        <source>%1 and %2 are both read from “%3”: choose another column for one of them.</source>
        <translation>%1 und %2 werden beide aus „%3“ gelesen: Wählen Sie für eines davon eine andere Spalte.</translation>
    </message>
    <message>
        <source>“%1” is empty in every line: choose the column that holds the secrets.</source>
        <translation>„%1“ ist in jeder Zeile leer: Wählen Sie die Spalte, in der die Geheimnisse stehen.</translation>
    </message>
    <message>
        <source>“%1” holds what looks like secrets, and names are shown everywhere: choose another column for the name.</source>
        <translation>In „%1“ steht, was nach Geheimnissen aussieht, und Namen werden überall gezeigt: Wählen Sie eine andere Spalte für den Namen.</translation>
    </message>
    <message>
        <source>Nothing says whose keys these are: choose a provider above, or the column that names it.</source>
        <translation>Nichts sagt, von wem diese Schlüssel sind: Wählen Sie oben einen Anbieter, oder die Spalte, die ihn nennt.</translation>
    </message>
    <message>
        <source>“%1” looks more like the secrets than “%2” does.</source>
        <translation>„%1“ sieht mehr nach den Geheimnissen aus als „%2“.</translation>
    </message>
    <message>
        <source>“%1” looks as if it held secrets, too; it is left out.</source>
        <translation>Auch in „%1“ scheinen Geheimnisse zu stehen; die Spalte wird ausgelassen.</translation>
    </message>
    <message>
        <source>“%1” is left out.</source>
        <translation>„%1“ wird ausgelassen.</translation>
    </message>
    <message>
        <source>Line %1 has too many cells</source>
        <translation>Zeile %1 hat zu viele Zellen</translation>
    </message>
    <message>
        <source>Line %1 has no secret</source>
        <translation>Zeile %1 hat kein Geheimnis</translation>
    </message>
    <message>
        <source>Line %1 does not say whose key it is</source>
        <translation>Zeile %1 sagt nicht, von wem der Schlüssel ist</translation>
    </message>
</context>
<context>
    <name>ImportText</name>
    <message>
        <source>There are no keys in this JSON.</source>
        <translation>In diesem JSON sind keine Schlüssel.</translation>
    </message>
    <message>
        <source>These keys have no names: choose whose they are.</source>
        <translation>Diese Schlüssel haben keine Namen: Wählen Sie, wessen Schlüssel es sind.</translation>
    </message>
    <message>
        <source>%1 has this secret already</source>
        <translation>%1 hat dieses Geheimnis schon</translation>
    </message>
    <message>
        <source>This is larger than 4 MiB; it cannot be a list of keys.</source>
        <translation>Das ist größer als 4 MiB; eine Liste von Schlüsseln kann es nicht sein.</translation>
    </message>
    <message>
        <source>Line %1, %2: %3</source>
        <translation>Zeile %1, %2: %3</translation>
    </message>
    <message>
        <source>its name does not say that it holds a key; choose the provider to take all</source>
        <translation>der Name sagt nicht, dass es ein Schlüssel ist; wählen Sie den Anbieter, um alle zu nehmen</translation>
    </message>
    <message>
        <source>its name does not say whose key it holds; choose the provider</source>
        <translation>der Name sagt nicht, wessen Schlüssel es ist; wählen Sie den Anbieter</translation>
    </message>
    <message>
        <source>it is empty</source>
        <translation>ist leer</translation>
    </message>
    <message>
        <source>it holds spaces or control characters; a key is one word</source>
        <translation>enthält Leer- oder Steuerzeichen; ein Schlüssel ist ein Wort</translation>
    </message>
    <message>
        <source>it holds the same key as another line</source>
        <translation>derselbe Schlüssel steht in einer anderen Zeile</translation>
    </message>
    <message>
        <source>NAME=key is expected</source>
        <translation>NAME=Schlüssel wird erwartet</translation>
    </message>
    <message>
        <source>its quotes do not end where the line ends</source>
        <translation>die Anführungszeichen enden nicht am Zeilenende</translation>
    </message>
    <message>
        <source>this name is there twice; keep one</source>
        <translation>diesen Namen gibt es zweimal; behalten Sie einen</translation>
    </message>
    <message>
        <source>Line %1: %2</source>
        <translation>Zeile %1: %2</translation>
    </message>
    <message>
        <source>a text is expected</source>
        <translation>ein Text wird erwartet</translation>
    </message>
    <message>
        <source>Item %1</source>
        <translation>Eintrag %1</translation>
    </message>
    <message>
        <source>it has no `api_key`</source>
        <translation>hat keinen `api_key`</translation>
    </message>
</context>
<context>
    <name>StatusText</name>
    <message>
        <source>ready</source>
        <translation>bereit</translation>
    </message>
    <message>
        <source>at its limit</source>
        <translation>am Limit</translation>
    </message>
    <message>
        <source>cooling</source>
        <translation>kühlt ab</translation>
    </message>
    <message>
        <source>on trial</source>
        <translation>auf Probe</translation>
    </message>
    <message>
        <source>blocked</source>
        <translation>gesperrt</translation>
    </message>
    <message>
        <source>switched off</source>
        <translation>ausgeschaltet</translation>
    </message>
    <message>
        <source>without secret</source>
        <translation>ohne Geheimnis</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>rate limit</source>
        <translation>Ratenlimit</translation>
    </message>
    <message>
        <source>day&apos;s quota spent</source>
        <translation>Tageskontingent verbraucht</translation>
    </message>
    <message>
        <source>no quota for this model</source>
        <translation>kein Kontingent für dieses Modell</translation>
    </message>
    <message>
        <source>key refused</source>
        <translation>Schlüssel abgelehnt</translation>
    </message>
    <message>
        <source>credit spent</source>
        <translation>Guthaben verbraucht</translation>
    </message>
    <message>
        <source>model not found</source>
        <translation>Modell nicht gefunden</translation>
    </message>
    <message>
        <source>access denied</source>
        <translation>Zugriff verweigert</translation>
    </message>
    <message>
        <source>region not supported</source>
        <translation>Region nicht unterstützt</translation>
    </message>
    <message>
        <source>provider overloaded</source>
        <translation>Anbieter überlastet</translation>
    </message>
    <message>
        <source>provider limits this address</source>
        <translation>Anbieter begrenzt diese Adresse</translation>
    </message>
    <message>
        <source>%1: from %2 to %3 (%4)</source>
        <translation>%1: von %2 zu %3 (%4)</translation>
    </message>
    <message>
        <source>%1 cools down: %2</source>
        <translation>%1 kühlt ab: %2</translation>
    </message>
    <message>
        <source>%1 is back</source>
        <translation>%1 ist wieder da</translation>
    </message>
    <message>
        <source>Key %1 failed: %2</source>
        <translation>Schlüssel %1 fällt aus: %2</translation>
    </message>
    <message>
        <source>Revision %1 applied: %2 keys, %3 deployments</source>
        <translation>Revision %1 angewandt: %2 Schlüssel, %3 Deployments</translation>
    </message>
    <message>
        <source>Virtual key %1 is at its limit (%2)</source>
        <translation>Der virtuelle Schlüssel %1 ist am Limit (%2)</translation>
    </message>
    <message numerus="yes">
        <source>%n more event(s) were not told</source>
        <translation>
            <numerusform>%n weiteres Ereignis wurde nicht gemeldet</numerusform>
            <numerusform>%n weitere Ereignisse wurden nicht gemeldet</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min %2 s</source>
        <translation>%1 min %2 s</translation>
    </message>
    <message>
        <source>%1 h %2 min</source>
        <translation>%1 h %2 min</translation>
    </message>
    <message>
        <source>%1 days</source>
        <translation>%1 Tage</translation>
    </message>
    <message>
        <source>%1 K</source>
        <translation>%1 Tsd.</translation>
    </message>
    <message>
        <source>%1 M</source>
        <translation>%1 Mio.</translation>
    </message>
    <message>
        <source>provider failure</source>
        <translation>Störung beim Anbieter</translation>
    </message>
    <message>
        <source>never sent</source>
        <translation>nie gesendet</translation>
    </message>
    <message>
        <source>unknown field</source>
        <translation>unbekanntes Feld</translation>
    </message>
    <message>
        <source>other credential header wanted</source>
        <translation>anderer Kopf für den Schlüssel verlangt</translation>
    </message>
    <message>
        <source>no answer in time</source>
        <translation>keine Antwort in der Zeit</translation>
    </message>
    <message>
        <source>network failure</source>
        <translation>Netzwerkfehler</translation>
    </message>
    <message>
        <source>unusable answer</source>
        <translation>unbrauchbare Antwort</translation>
    </message>
</context>
<context>
    <name>keymux::gui::ApplyFlow</name>
    <message>
        <source>Apply changes</source>
        <translation>Änderungen anwenden</translation>
    </message>
    <message>
        <source>&amp;Apply</source>
        <translation>&amp;Anwenden</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>This cannot go live yet:</source>
        <translation>Das kann noch nicht wirksam werden:</translation>
    </message>
    <message>
        <source>Somebody else was quicker</source>
        <translation>Jemand anders war schneller</translation>
    </message>
    <message>
        <source>The pool was changed on the gateway since you began. Left are their changes, right are yours.</source>
        <translation>Der Pool wurde auf dem Gateway geändert, seit Sie begonnen haben. Links stehen die fremden Änderungen, rechts Ihre.</translation>
    </message>
    <message>
        <source>Their changes</source>
        <translation>Fremde Änderungen</translation>
    </message>
    <message>
        <source>Your changes</source>
        <translation>Ihre Änderungen</translation>
    </message>
    <message>
        <source>Theirs, live now</source>
        <translation>Fremde, schon wirksam</translation>
    </message>
    <message>
        <source>Yours</source>
        <translation>Ihre</translation>
    </message>
    <message>
        <source>&amp;Reload theirs</source>
        <translation>Fremde &amp;laden</translation>
    </message>
    <message>
        <source>&amp;Overwrite with mine</source>
        <translation>Mit meinen &amp;überschreiben</translation>
    </message>
    <message>
        <source>&amp;Merge both</source>
        <translation>Beide &amp;zusammenführen</translation>
    </message>
    <message>
        <source>Both of you changed this; yours is taken:</source>
        <translation>Das haben beide geändert; Ihre Fassung gilt:</translation>
    </message>
    <message>
        <source>Revert all changes</source>
        <translation>Alle Änderungen verwerfen</translation>
    </message>
</context>
<context>
    <name>keymux::gui::ChangesView</name>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Änderungen</translation>
    </message>
    <message>
        <source>another order</source>
        <translation>andere Reihenfolge</translation>
    </message>
</context>
<context>
    <name>keymux::gui::CommandPalette</name>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation>Befehl eingeben</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>Befehl</translation>
    </message>
    <message>
        <source>Commands that fit</source>
        <translation>Passende Befehle</translation>
    </message>
    <message>
        <source>No command of this page is called that.</source>
        <translation>Kein Befehl dieser Seite heißt so.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::ConnectionStatus</name>
    <message>
        <source>stale since %1</source>
        <translation>veraltet seit %1</translation>
    </message>
    <message>
        <source>Not connected</source>
        <translation>Nicht verbunden</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Verbinde …</translation>
    </message>
    <message>
        <source>Connecting… (%1)</source>
        <translation>Verbinde … (%1)</translation>
    </message>
    <message>
        <source>Connected</source>
        <translation>Verbunden</translation>
    </message>
    <message>
        <source>Version %1</source>
        <translation>Version %1</translation>
    </message>
    <message numerus="yes">
        <source>Reconnecting in %n s</source>
        <translation>
            <numerusform>Neuer Versuch in %n s</numerusform>
            <numerusform>Neuer Versuch in %n s</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
</context>
<context>
    <name>keymux::gui::ConnectionsDialog</name>
    <message>
        <source>&amp;Test</source>
        <translation>&amp;Prüfen</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Speichern</translation>
    </message>
    <message>
        <source>Save and &amp;connect</source>
        <translation>Speichern und &amp;verbinden</translation>
    </message>
    <message>
        <source>Connections</source>
        <translation>Verbindungen</translation>
    </message>
    <message>
        <source>&amp;New</source>
        <translation>&amp;Neu</translation>
    </message>
    <message>
        <source>&amp;Import…</source>
        <translation>&amp;Importieren …</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>E&amp;xportieren …</translation>
    </message>
    <message>
        <source>Production</source>
        <translation>Produktion</translation>
    </message>
    <message>
        <source>The admin address with port 4000</source>
        <translation>Die Admin-Adresse mit Port 4000</translation>
    </message>
    <message>
        <source>From the file admin-token in the gateway&apos;s state folder</source>
        <translation>Aus der Datei admin-token des Gateways</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>Blau</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Grün</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>Orange</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rot</translation>
    </message>
    <message>
        <source>Violet</source>
        <translation>Violett</translation>
    </message>
    <message>
        <source>N&amp;ame</source>
        <translation>N&amp;ame</translation>
    </message>
    <message>
        <source>Co&amp;lour</source>
        <translation>Fa&amp;rbe</translation>
    </message>
    <message>
        <source>Admin a&amp;ddress</source>
        <translation>Admin-A&amp;dresse</translation>
    </message>
    <message>
        <source>Admin to&amp;ken</source>
        <translation>Admin-To&amp;ken</translation>
    </message>
    <message>
        <source>Address &amp;for clients</source>
        <translation>Adresse &amp;für Clients</translation>
    </message>
    <message>
        <source>The token is kept in the keychain of this computer and in no file.</source>
        <translation>Das Token liegt im Schlüsselbund dieses Rechners und in keiner Datei.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Runs on this computer</source>
        <translation>Läuft auf diesem Rechner</translation>
    </message>
    <message>
        <source>The admin address must look like https://gateway.example:4001.</source>
        <translation>Die Admin-Adresse muss aussehen wie https://gateway.example:4001.</translation>
    </message>
    <message>
        <source>Without TLS the admin token can be read on the way to %1. Set server.tls on the gateway and use https.</source>
        <translation>Ohne TLS kann das Admin-Token auf dem Weg zu %1 mitgelesen werden. Setzen Sie server.tls auf dem Gateway und nehmen Sie https.</translation>
    </message>
    <message>
        <source>Enter the admin token; the gateway keeps it in the file admin-token of its state folder.</source>
        <translation>Geben Sie das Admin-Token ein; das Gateway bewahrt es in der Datei admin-token in seinem Zustandsordner auf.</translation>
    </message>
    <message>
        <source>“%1” is saved.</source>
        <translation>„%1“ ist gespeichert.</translation>
    </message>
    <message>
        <source>Asking the gateway…</source>
        <translation>Frage das Gateway …</translation>
    </message>
    <message>
        <source>It answers: %1 keys, %2 deployments.</source>
        <translation>Es antwortet: %1 Schlüssel, %2 Deployments.</translation>
    </message>
    <message>
        <source>Nobody vouches for this gateway&apos;s certificate (%1). Its SHA-256 is %2. Compare it with the one on the gateway before you trust it.</source>
        <translation>Niemand bürgt für das Zertifikat dieses Gateways (%1). Sein SHA-256 ist %2. Vergleichen Sie es mit dem auf dem Gateway, bevor Sie ihm vertrauen.</translation>
    </message>
    <message>
        <source>This gateway shows another certificate than the one you trusted (%1). Its SHA-256 is %2. Unless it was renewed, somebody is between you and the gateway.</source>
        <translation>Dieses Gateway zeigt ein anderes Zertifikat als das, dem Sie vertraut haben (%1). Sein SHA-256 ist %2. Wurde es nicht erneuert, so steht jemand zwischen Ihnen und dem Gateway.</translation>
    </message>
    <message>
        <source>Trust this certificate</source>
        <translation>Diesem Zertifikat vertrauen</translation>
    </message>
    <message>
        <source>Remove “%1” and its token from this computer? The gateway itself is not touched.</source>
        <translation>„%1“ und das Token von diesem Rechner entfernen? Das Gateway selbst bleibt unberührt.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Export connections without their tokens</source>
        <translation>Verbindungen ohne ihre Token exportieren</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Written to %1. Tokens are not in it.</source>
        <translation>In %1 geschrieben. Token stehen nicht darin.</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2</source>
        <translation>%1 kann nicht geschrieben werden: %2</translation>
    </message>
    <message>
        <source>Import connections</source>
        <translation>Verbindungen importieren</translation>
    </message>
    <message>
        <source>%1 is not a list of connections.</source>
        <translation>%1 ist keine Liste von Verbindungen.</translation>
    </message>
    <message numerus="yes">
        <source>%n connection(s) added. Enter the token of each.</source>
        <translation>
            <numerusform>%n Verbindung hinzugefügt. Geben Sie ihr Token ein.</numerusform>
            <numerusform>%n Verbindungen hinzugefügt. Geben Sie ihre Token ein.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::CsvColumns</name>
    <message>
        <source>The first &amp;line names the columns</source>
        <translation>Die erste &amp;Zeile benennt die Spalten</translation>
    </message>
    <message>
        <source>Columns of the table</source>
        <translation>Spalten der Tabelle</translation>
    </message>
    <message>
        <source>&amp;Name of the key</source>
        <translation>&amp;Name des Schlüssels</translation>
    </message>
    <message>
        <source>&amp;Secret</source>
        <translation>&amp;Geheimnis</translation>
    </message>
    <message>
        <source>P&amp;rovider</source>
        <translation>An&amp;bieter</translation>
    </message>
    <message>
        <source>&amp;Quota group</source>
        <translation>&amp;Kontingentgruppe</translation>
    </message>
    <message>
        <source>Column: %1</source>
        <translation>Spalte: %1</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>chosen above</source>
        <translation>oben gewählt</translation>
    </message>
</context>
<context>
    <name>keymux::gui::DeploymentsModel</name>
    <message>
        <source>Status</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Room</source>
        <translation>Platz</translation>
    </message>
    <message>
        <source>Requests/min</source>
        <translation>Anfragen/min</translation>
    </message>
    <message>
        <source>Tokens/min</source>
        <translation>Token/min</translation>
    </message>
    <message>
        <source>Requests/day</source>
        <translation>Anfragen/Tag</translation>
    </message>
    <message>
        <source>In flight</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>Anfragen</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Rests</source>
        <translation>Ruht</translation>
    </message>
    <message>
        <source>p50</source>
        <translation>p50</translation>
    </message>
    <message>
        <source>p95</source>
        <translation>p95</translation>
    </message>
    <message>
        <source>Last minute</source>
        <translation>Letzte Minute</translation>
    </message>
    <message>
        <source>%1 rests: %2</source>
        <translation>%1 ruht: %2</translation>
    </message>
    <message>
        <source>%1 of %2: %3</source>
        <translation>%1 von %2: %3</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
</context>
<context>
    <name>keymux::gui::GatewayClient</name>
    <message>
        <source>Nothing answers at %1. Is the gateway running, and is this its admin address?</source>
        <translation>Unter %1 antwortet nichts. Läuft das Gateway, und ist das seine Admin-Adresse?</translation>
    </message>
    <message>
        <source>There is no host with the name in %1. Check the address of the connection.</source>
        <translation>Es gibt keinen Rechner mit dem Namen in %1. Prüfen Sie die Adresse der Verbindung.</translation>
    </message>
    <message>
        <source>%1 did not answer in time. Check the network, then try again.</source>
        <translation>%1 hat nicht rechtzeitig geantwortet. Prüfen Sie das Netz und versuchen Sie es wieder.</translation>
    </message>
    <message>
        <source>No safe connection to %1: %2. Check the address, or accept its certificate in the connection&apos;s settings.</source>
        <translation>Keine sichere Verbindung zu %1: %2. Prüfen Sie die Adresse, oder nehmen Sie das Zertifikat in den Einstellungen der Verbindung an.</translation>
    </message>
    <message>
        <source>%1 cannot be reached: %2</source>
        <translation>%1 ist nicht erreichbar: %2</translation>
    </message>
    <message>
        <source>The gateway refuses the admin token. Enter the one in its state folder (admin-token) in the connection&apos;s settings.</source>
        <translation>Das Gateway lehnt das Admin-Token ab. Geben Sie das aus seinem Zustandsordner (admin-token) in den Einstellungen der Verbindung ein.</translation>
    </message>
    <message>
        <source>The gateway answered with status %1.</source>
        <translation>Das Gateway hat mit Status %1 geantwortet.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::HeatMap</name>
    <message>
        <source>Heat map of the pool</source>
        <translation>Heatmap des Pools</translation>
    </message>
    <message>
        <source>%1: %2, %3 % room</source>
        <translation>%1: %2, %3 % Platz</translation>
    </message>
    <message numerus="yes">
        <source>%1
%2, %3 % room, %n in flight</source>
        <translation>
            <numerusform>%1
%2, %3 % Platz, %n in Arbeit</numerusform>
            <numerusform>%1
%2, %3 % Platz, %n in Arbeit</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::HistoryCharts</name>
    <message>
        <source>Requests</source>
        <translation>Anfragen</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Answered 429</source>
        <translation>Mit 429 beantwortet</translation>
    </message>
    <message>
        <source>Fallbacks</source>
        <translation>Fallbacks</translation>
    </message>
    <message>
        <source>p50</source>
        <translation>p50</translation>
    </message>
    <message>
        <source>p95</source>
        <translation>p95</translation>
    </message>
    <message>
        <source>15 minutes</source>
        <translation>15 Minuten</translation>
    </message>
    <message>
        <source>1 hour</source>
        <translation>1 Stunde</translation>
    </message>
    <message>
        <source>3 hours</source>
        <translation>3 Stunden</translation>
    </message>
    <message>
        <source>6 hours</source>
        <translation>6 Stunden</translation>
    </message>
    <message>
        <source>24 hours</source>
        <translation>24 Stunden</translation>
    </message>
    <message>
        <source>Range</source>
        <translation>Zeitraum</translation>
    </message>
    <message>
        <source>Of which models</source>
        <translation>Welche Modelle</translation>
    </message>
    <message>
        <source>Requests a minute</source>
        <translation>Anfragen je Minute</translation>
    </message>
    <message>
        <source>Tokens a minute</source>
        <translation>Token je Minute</translation>
    </message>
    <message>
        <source>Refused and fallen back, a minute</source>
        <translation>Abgelehnt und ausgewichen, je Minute</translation>
    </message>
    <message>
        <source>Time to the first byte, ms</source>
        <translation>Zeit bis zum ersten Byte, ms</translation>
    </message>
    <message>
        <source>The whole pool</source>
        <translation>Der ganze Pool</translation>
    </message>
    <message>
        <source>Model %1</source>
        <translation>Modell %1</translation>
    </message>
    <message>
        <source>Key %1</source>
        <translation>Schlüssel %1</translation>
    </message>
    <message>
        <source>1 minute</source>
        <translation>1 Minute</translation>
    </message>
    <message>
        <source>No figures in this span yet.</source>
        <translation>In dieser Spanne gibt es noch keine Werte.</translation>
    </message>
    <message>
        <source>Attempts a second</source>
        <translation>Versuche je Sekunde</translation>
    </message>
    <message>
        <source>Tokens within a minute</source>
        <translation>Token innerhalb einer Minute</translation>
    </message>
    <message>
        <source>Refused and fallen back, a minute, over spans of 30 s</source>
        <translation>Abgelehnt und ausgewichen, je Minute, über Spannen von 30 s</translation>
    </message>
    <message>
        <source>Time to the first byte, ms, over spans of 30 s</source>
        <translation>Zeit bis zum ersten Byte, ms, über Spannen von 30 s</translation>
    </message>
    <message>
        <source>Attempts</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <source>Told second by second since %1</source>
        <translation>Sekunde für Sekunde erzählt seit %1</translation>
    </message>
</context>
<context>
    <name>keymux::gui::ImportDialog</name>
    <message>
        <source>Import keys</source>
        <translation>Schlüssel importieren</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>By the keys&apos; names</source>
        <translation>Nach den Namen der Schlüssel</translation>
    </message>
    <message>
        <source>the provider&apos;s, or names with commas</source>
        <translation>die des Anbieters, oder Namen mit Kommas</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Secret</source>
        <translation>Geheimnis</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>Was geschieht</translation>
    </message>
    <message>
        <source>What would be imported</source>
        <translation>Was importiert würde</translation>
    </message>
    <message>
        <source>Keys of &amp;provider</source>
        <translation>Schlüssel von &amp;Anbieter</translation>
    </message>
    <message>
        <source>&amp;Models</source>
        <translation>&amp;Modelle</translation>
    </message>
    <message>
        <source>&amp;Open a file…</source>
        <translation>Datei ö&amp;ffnen …</translation>
    </message>
    <message>
        <source>Hold to re&amp;veal</source>
        <translation>Zum Anzeigen &amp;halten</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Keys to import</source>
        <translation>Zu importierende Schlüssel</translation>
    </message>
    <message>
        <source>%1 cannot be read: %2</source>
        <translation>%1 kann nicht gelesen werden: %2</translation>
    </message>
    <message>
        <source>is added</source>
        <translation>wird hinzugefügt</translation>
    </message>
    <message>
        <source>&amp;Import</source>
        <translation>&amp;Importieren</translation>
    </message>
    <message numerus="yes">
        <source>&amp;Import %n key(s)</source>
        <translation>
            <numerusform>%n Schlüssel &amp;importieren</numerusform>
            <numerusform>%n Schlüssel &amp;importieren</numerusform>
        </translation>
    </message>
    <message>
        <source>The keys cannot be added to this document.</source>
        <translation>Die Schlüssel können diesem Dokument nicht hinzugefügt werden.</translation>
    </message>
    <message numerus="yes">
        <source>Import %n key(s)</source>
        <translation>
            <numerusform>%n Schlüssel importieren</numerusform>
            <numerusform>%n Schlüssel importieren</numerusform>
        </translation>
    </message>
    <message>
        <source>Paste keys, or drop a file here: NAME=key lines, a table, JSON, or one key a line</source>
        <translation>Schlüssel einfügen oder eine Datei hier ablegen: Zeilen NAME=Schlüssel, eine Tabelle, JSON, oder ein Schlüssel je Zeile</translation>
    </message>
</context>
<context>
    <name>keymux::gui::KeptColumns</name>
    <message>
        <source>Unsorted</source>
        <translation>Unsortiert</translation>
    </message>
</context>
<context>
    <name>keymux::gui::Keychain</name>
    <message>
        <source>The keychain has no entry “%1”.</source>
        <translation>Der Schlüsselbund hat keinen Eintrag „%1“.</translation>
    </message>
    <message>
        <source>The keychain is locked. Unlock it, then try again.</source>
        <translation>Der Schlüsselbund ist gesperrt. Entsperren Sie ihn und versuchen Sie es wieder.</translation>
    </message>
    <message>
        <source>There is no keychain on this desktop. Install and start one (GNOME Keyring, KWallet or KeePassXC&apos;s Secret Service); secrets are kept nowhere else.</source>
        <translation>Auf diesem Desktop gibt es keinen Schlüsselbund. Installieren und starten Sie einen (GNOME Keyring, KWallet oder den Secret Service von KeePassXC); Geheimnisse werden nirgends sonst aufbewahrt.</translation>
    </message>
    <message>
        <source>The keychain failed: %1</source>
        <translation>Der Schlüsselbund meldet einen Fehler: %1</translation>
    </message>
</context>
<context>
    <name>keymux::gui::LimitsDialog</name>
    <message>
        <source>Set limits</source>
        <translation>Limits setzen</translation>
    </message>
    <message numerus="yes">
        <source>For %n row(s). Only what is ticked is set; an empty field takes the limit away.</source>
        <translation>
            <numerusform>Für %n Zeile. Gesetzt wird nur, was angekreuzt ist; ein leeres Feld hebt das Limit auf.</numerusform>
            <numerusform>Für %n Zeilen. Gesetzt wird nur, was angekreuzt ist; ein leeres Feld hebt das Limit auf.</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Requests a minute</source>
        <translation>&amp;Anfragen je Minute</translation>
    </message>
    <message>
        <source>&amp;Tokens a minute</source>
        <translation>&amp;Token je Minute</translation>
    </message>
    <message>
        <source>Requests a &amp;day</source>
        <translation>Anfragen je Ta&amp;g</translation>
    </message>
    <message>
        <source>At &amp;once</source>
        <translation>&amp;Gleichzeitig</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>kein Limit</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Set</source>
        <translation>&amp;Setzen</translation>
    </message>
</context>
<context>
    <name>keymux::gui::LiveFeed</name>
    <message>
        <source>The gateway has been silent for too long.</source>
        <translation>Das Gateway hat zu lange geschwiegen.</translation>
    </message>
    <message>
        <source>The gateway refuses the admin token. Enter the one in its state folder (admin-token) in the connection&apos;s settings.</source>
        <translation>Das Gateway lehnt das Admin-Token ab. Geben Sie das aus seinem Zustandsordner (admin-token) in den Einstellungen der Verbindung ein.</translation>
    </message>
    <message>
        <source>The gateway closed the connection.</source>
        <translation>Das Gateway hat die Verbindung beendet.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::LivePage</name>
    <message>
        <source>Live</source>
        <translation>Live</translation>
    </message>
    <message>
        <source>&amp;Table</source>
        <translation>&amp;Tabelle</translation>
    </message>
    <message>
        <source>&amp;Heat map</source>
        <translation>&amp;Heatmap</translation>
    </message>
    <message>
        <source>&amp;Charts</source>
        <translation>&amp;Diagramme</translation>
    </message>
    <message>
        <source>Views</source>
        <translation>Ansichten</translation>
    </message>
    <message>
        <source>Deployments</source>
        <translation>Deployments</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>&amp;Switch key off</source>
        <translation>Schlüssel &amp;ausschalten</translation>
    </message>
    <message>
        <source>%1 is switched off.</source>
        <translation>%1 ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>Switch key &amp;on</source>
        <translation>Schlüssel &amp;einschalten</translation>
    </message>
    <message>
        <source>%1 is switched on.</source>
        <translation>%1 ist eingeschaltet.</translation>
    </message>
    <message>
        <source>&amp;End the key&apos;s rests</source>
        <translation>Ruhezeiten des Schlüssels &amp;beenden</translation>
    </message>
    <message>
        <source>The rests of %1 are over.</source>
        <translation>Die Ruhezeiten von %1 sind beendet.</translation>
    </message>
    <message>
        <source>&amp;Test the key</source>
        <translation>Schlüssel &amp;prüfen</translation>
    </message>
    <message>
        <source>Export as &amp;CSV…</source>
        <translation>Als &amp;CSV exportieren …</translation>
    </message>
    <message>
        <source>Export charts as &amp;PNG…</source>
        <translation>Diagramme als P&amp;NG exportieren …</translation>
    </message>
    <message>
        <source>Select a row first.</source>
        <translation>Wählen Sie zuerst eine Zeile.</translation>
    </message>
    <message>
        <source>Asking the provider about %1…</source>
        <translation>Frage den Anbieter nach %1 …</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>&amp;Weiter</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>CSV (*.csv)</source>
        <translation>CSV (*.csv)</translation>
    </message>
    <message>
        <source>Written to %1.</source>
        <translation>In %1 geschrieben.</translation>
    </message>
    <message>
        <source>%1 cannot be written: %2</source>
        <translation>%1 kann nicht geschrieben werden: %2</translation>
    </message>
    <message numerus="yes">
        <source>%n deployment(s)</source>
        <translation>
            <numerusform>%n Deployment</numerusform>
            <numerusform>%n Deployments</numerusform>
        </translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>not of this moment: the connection is lost</source>
        <translation>nicht von jetzt: die Verbindung ist verloren</translation>
    </message>
    <message>
        <source>at this rate %1 is spent at %2</source>
        <translation>so ist %1 um %2 verbraucht</translation>
    </message>
    <message>
        <source>No deployments yet</source>
        <translation>Noch keine Deployments</translation>
    </message>
    <message>
        <source>A deployment is a key with a model. Add keys on the page Pool, or import them on the page Secrets.</source>
        <translation>Ein Deployment ist ein Schlüssel mit einem Modell. Fügen Sie Schlüssel auf der Seite Pool hinzu, oder importieren Sie sie auf der Seite Geheimnisse.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::LocalGateway</name>
    <message>
        <source>The gateway on this computer did not get ready in time.</source>
        <translation>Das Gateway auf diesem Rechner wurde nicht rechtzeitig bereit.</translation>
    </message>
    <message>
        <source>%1 cannot be started: %2</source>
        <translation>%1 kann nicht gestartet werden: %2</translation>
    </message>
    <message>
        <source>The gateway on this computer ended by itself.</source>
        <translation>Das Gateway auf diesem Rechner hat sich von selbst beendet.</translation>
    </message>
    <message>
        <source>The gateway on this computer ended: %1</source>
        <translation>Das Gateway auf diesem Rechner hat sich beendet: %1</translation>
    </message>
    <message>
        <source>keymuxd is neither beside this program nor in the PATH. Install keymux-server.</source>
        <translation>keymuxd liegt weder neben diesem Programm noch im PATH. Installieren Sie keymux-server.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::LogModel</name>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Worüber</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Meldung</translation>
    </message>
</context>
<context>
    <name>keymux::gui::LogsPage</name>
    <message>
        <source>Logs</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Info and above</source>
        <translation>Info und darüber</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translation>Warnungen und Fehler</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>&amp;Follow</source>
        <translation>&amp;Folgen</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>C&amp;lear</source>
        <translation>&amp;Leeren</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Wieder versuchen</translation>
    </message>
    <message numerus="yes">
        <source>%n line(s) copied.</source>
        <translation>
            <numerusform>%n Zeile kopiert.</numerusform>
            <numerusform>%n Zeilen kopiert.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>keymux::gui::MainWindow</name>
    <message>
        <source>Revert</source>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <source>%1 (Ctrl+%2)</source>
        <translation>%1 (Strg+%2)</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Search this page (Ctrl+F)</source>
        <translation>Diese Seite durchsuchen (Strg+F)</translation>
    </message>
    <message>
        <source>Search this page</source>
        <translation>Diese Seite durchsuchen</translation>
    </message>
    <message>
        <source>The admin token of “%1” is not in the keychain. Enter it again.</source>
        <translation>Das Admin-Token von „%1“ ist nicht im Schlüsselbund. Geben Sie es wieder ein.</translation>
    </message>
    <message>
        <source>Connections…</source>
        <translation>Verbindungen …</translation>
    </message>
    <message>
        <source>Starting a gateway on this computer…</source>
        <translation>Ein Gateway auf diesem Rechner wird gestartet …</translation>
    </message>
    <message>
        <source>Demo on this computer</source>
        <translation>Demo auf diesem Rechner</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Dieser Rechner</translation>
    </message>
    <message>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
    <message>
        <source>Apply (%1)</source>
        <translation>Anwenden (%1)</translation>
    </message>
    <message>
        <source>&amp;Gateway</source>
        <translation>&amp;Gateway</translation>
    </message>
    <message>
        <source>&amp;Connections…</source>
        <translation>&amp;Verbindungen …</translation>
    </message>
    <message>
        <source>&amp;New connection…</source>
        <translation>&amp;Neue Verbindung …</translation>
    </message>
    <message>
        <source>Run the &amp;demo on this computer</source>
        <translation>&amp;Demo auf diesem Rechner starten</translation>
    </message>
    <message>
        <source>&amp;Run a gateway with my keys on this computer</source>
        <translation>Ein Gateway mit &amp;meinen Schlüsseln auf diesem Rechner starten</translation>
    </message>
    <message>
        <source>&amp;Stop the gateway on this computer</source>
        <translation>Das Gateway auf diesem Rechner an&amp;halten</translation>
    </message>
    <message>
        <source>&amp;Reconnect now</source>
        <translation>Jetzt neu verbin&amp;den</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Search this page</source>
        <translation>Diese &amp;Seite durchsuchen</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Farbschema</translation>
    </message>
    <message>
        <source>As the &amp;system</source>
        <translation>Wie das S&amp;ystem</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>&amp;Page</source>
        <translation>Seit&amp;e</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Commands…</source>
        <translation>Be&amp;fehle …</translation>
    </message>
    <message>
        <source>&amp;About Keymux</source>
        <translation>&amp;Über Keymux</translation>
    </message>
    <message>
        <source>No connection</source>
        <translation>Keine Verbindung</translation>
    </message>
    <message>
        <source>About Keymux</source>
        <translation>Über Keymux</translation>
    </message>
    <message>
        <source>&lt;b&gt;Keymux %1&lt;/b&gt;&lt;br&gt;Hundreds of provider keys behind one virtual key.</source>
        <translation>&lt;b&gt;Keymux %1&lt;/b&gt;&lt;br&gt;Hunderte Anbieterschlüssel hinter einem virtuellen Schlüssel.</translation>
    </message>
    <message>
        <source>Gateway %1 · Qt %2 · %3 · GPL-3.0-or-later</source>
        <translation>Gateway %1 · Qt %2 · %3 · GPL-3.0-or-later</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>nicht verbunden</translation>
    </message>
</context>
<context>
    <name>keymux::gui::MessageBar</name>
    <message>
        <source>Close the message</source>
        <translation>Meldung schließen</translation>
    </message>
</context>
<context>
    <name>keymux::gui::ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>Route plan</source>
        <translation>Routenplan</translation>
    </message>
    <message>
        <source>Rules, asked from above; the pool&apos;s own names come first</source>
        <translation>Regeln, von oben befragt; die eigenen Namen des Pools gehen vor</translation>
    </message>
    <message>
        <source>gpt-4, gemini-2.0-flash, …</source>
        <translation>gpt-4, gemini-2.0-flash, …</translation>
    </message>
    <message>
        <source>Model name</source>
        <translation>Modellname</translation>
    </message>
    <message>
        <source>Endpoint</source>
        <translation>Endpunkt</translation>
    </message>
    <message>
        <source>Where would a request go?</source>
        <translation>Wohin ginge eine Anfrage?</translation>
    </message>
    <message>
        <source>&amp;Add rule</source>
        <translation>Regel hin&amp;zufügen</translation>
    </message>
    <message>
        <source>&amp;Remove rule</source>
        <translation>Regel &amp;entfernen</translation>
    </message>
    <message>
        <source>Move u&amp;p</source>
        <translation>Nach &amp;oben</translation>
    </message>
    <message>
        <source>Move do&amp;wn</source>
        <translation>Nach &amp;unten</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
</context>
<context>
    <name>keymux::gui::NewKeyDialog</name>
    <message>
        <source>Virtual key %1</source>
        <translation>Virtueller Schlüssel %1</translation>
    </message>
    <message>
        <source>Copy it now: the gateway keeps only its digest, so nobody can show it again.</source>
        <translation>Kopieren Sie ihn jetzt: Das Gateway behält nur seine Prüfsumme, niemand kann ihn wieder zeigen.</translation>
    </message>
    <message>
        <source>The virtual key</source>
        <translation>Der virtuelle Schlüssel</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>C&amp;lose</source>
        <translation>Sch&amp;ließen</translation>
    </message>
    <message>
        <source>Examples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>Environment</source>
        <translation>Umgebung</translation>
    </message>
    <message>
        <source>Example: %1</source>
        <translation>Beispiel: %1</translation>
    </message>
    <message>
        <source>Copy the example</source>
        <translation>Beispiel kopieren</translation>
    </message>
    <message>
        <source>Copy the example: %1</source>
        <translation>Beispiel kopieren: %1</translation>
    </message>
</context>
<context>
    <name>keymux::gui::OverviewPage</name>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Deployments ready</source>
        <translation>Deployments bereit</translation>
    </message>
    <message>
        <source>Attempts in the last minute</source>
        <translation>Versuche in der letzten Minute</translation>
    </message>
    <message>
        <source>In flight</source>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <source>Errors since the start</source>
        <translation>Fehler seit dem Start</translation>
    </message>
    <message>
        <source>The pool now</source>
        <translation>Der Pool jetzt</translation>
    </message>
    <message>
        <source>To look into</source>
        <translation>Zu prüfen</translation>
    </message>
    <message>
        <source>Nothing. Every key can serve.</source>
        <translation>Nichts. Jeder Schlüssel kann bedienen.</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>Was geschieht</translation>
    </message>
    <message>
        <source>Fallbacks, cooldowns and recoveries appear here as they happen.</source>
        <translation>Fallbacks, Abkühlungen und Erholungen erscheinen hier, wenn sie geschehen.</translation>
    </message>
    <message>
        <source>Point a client here</source>
        <translation>Einen Client hierher richten</translation>
    </message>
    <message>
        <source>Base URL for clients</source>
        <translation>Basis-URL für Clients</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy the base URL</source>
        <translation>Basis-URL kopieren</translation>
    </message>
    <message>
        <source>Make a virtual key…</source>
        <translation>Virtuellen Schlüssel anlegen …</translation>
    </message>
    <message>
        <source>Base URL</source>
        <translation>Basis-URL</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message numerus="yes">
        <source>%n key(s), revision %1 of %2</source>
        <translation>
            <numerusform>%n Schlüssel, Revision %1 von %2</numerusform>
            <numerusform>%n Schlüssel, Revision %1 von %2</numerusform>
        </translation>
    </message>
    <message>
        <source>Waiting for the gateway.</source>
        <translation>Warte auf das Gateway.</translation>
    </message>
    <message>
        <source>The config file is not valid, so the last good one serves: %1</source>
        <translation>Die Konfigurationsdatei ist nicht gültig, darum gilt die letzte gute: %1</translation>
    </message>
    <message>
        <source>%1 has no secret. Its reference could not be resolved.</source>
        <translation>%1 hat kein Geheimnis. Der Verweis konnte nicht aufgelöst werden.</translation>
    </message>
    <message>
        <source>%1 is blocked: %2.</source>
        <translation>%1 ist gesperrt: %2.</translation>
    </message>
    <message>
        <source>There are no keys yet: add a provider and its keys on the page Pool, or import them on the page Secrets.</source>
        <translation>Noch gibt es keine Schlüssel: Fügen Sie auf der Seite Pool einen Anbieter und seine Schlüssel hinzu, oder importieren Sie sie auf der Seite Geheimnisse.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::PlanModel</name>
    <message>
        <source>Type the name of a model as a client would ask for it.</source>
        <translation>Geben Sie den Namen eines Modells ein, wie ein Client danach fragen würde.</translation>
    </message>
    <message>
        <source>The pool has problems; the plan is there when they are mended.</source>
        <translation>Der Pool hat Fehler; der Plan ist da, wenn sie behoben sind.</translation>
    </message>
    <message>
        <source>Waiting for the gateway.</source>
        <translation>Warte auf das Gateway.</translation>
    </message>
    <message>
        <source>No rule matches this name: a client gets 404.</source>
        <translation>Keine Regel passt auf diesen Namen: Ein Client bekommt 404.</translation>
    </message>
    <message>
        <source>No deployment of this name has this endpoint.</source>
        <translation>Kein Deployment dieses Namens hat diesen Endpunkt.</translation>
    </message>
    <message>
        <source>The pool has a model of this name.</source>
        <translation>Der Pool hat ein Modell dieses Namens.</translation>
    </message>
    <message>
        <source>A rule maps this name.</source>
        <translation>Eine Regel bildet diesen Namen ab.</translation>
    </message>
    <message>
        <source>Turn</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Jetzt</translation>
    </message>
    <message>
        <source>Room</source>
        <translation>Platz</translation>
    </message>
    <message>
        <source>What would happen</source>
        <translation>Was geschehen würde</translation>
    </message>
    <message>
        <source>not live yet: apply the change</source>
        <translation>noch nicht wirksam: Änderung anwenden</translation>
    </message>
    <message>
        <source>passed over: at its limit</source>
        <translation>übergangen: am Limit</translation>
    </message>
    <message>
        <source>passed over: rests for %1 (%2)</source>
        <translation>übergangen: ruht noch %1 (%2)</translation>
    </message>
    <message>
        <source>passed over: one request is trying it</source>
        <translation>übergangen: eine Anfrage probiert es gerade</translation>
    </message>
    <message>
        <source>passed over: %1</source>
        <translation>übergangen: %1</translation>
    </message>
    <message>
        <source>passed over: switched off</source>
        <translation>übergangen: ausgeschaltet</translation>
    </message>
    <message>
        <source>passed over: its secret is not found</source>
        <translation>übergangen: sein Geheimnis wird nicht gefunden</translation>
    </message>
    <message>
        <source>in reserve</source>
        <translation>in Reserve</translation>
    </message>
    <message>
        <source>is tried first</source>
        <translation>wird zuerst versucht</translation>
    </message>
    <message>
        <source>is tried first, in turn with others of its rank</source>
        <translation>wird zuerst versucht, im Wechsel mit anderen seines Rangs</translation>
    </message>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
</context>
<context>
    <name>keymux::gui::PoolModel</name>
    <message>
        <source>Provider, key, model</source>
        <translation>Anbieter, Schlüssel, Modell</translation>
    </message>
    <message>
        <source>Secret or address</source>
        <translation>Geheimnis oder Adresse</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>Jetzt</translation>
    </message>
    <message>
        <source>Enabled</source>
        <translation>Eingeschaltet</translation>
    </message>
    <message>
        <source>Requests/min</source>
        <translation>Anfragen/min</translation>
    </message>
    <message>
        <source>Tokens/min</source>
        <translation>Token/min</translation>
    </message>
    <message>
        <source>Requests/day</source>
        <translation>Anfragen/Tag</translation>
    </message>
    <message>
        <source>At once</source>
        <translation>Gleichzeitig</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>Priorität</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>Quota group</source>
        <translation>Kontingentgruppe</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Tags</translation>
    </message>
    <message>
        <source>(no name)</source>
        <translation>(ohne Namen)</translation>
    </message>
    <message>
        <source>not applied</source>
        <translation>nicht angewandt</translation>
    </message>
    <message>
        <source>%1 of %2 ready</source>
        <translation>%1 von %2 bereit</translation>
    </message>
    <message>
        <source>Enable %1</source>
        <translation>%1 einschalten</translation>
    </message>
    <message>
        <source>Disable %1</source>
        <translation>%1 ausschalten</translation>
    </message>
    <message>
        <source>That is no reference. Secrets are entered on the page Secrets; here stands where one is found, such as keychain:NAME or store:NAME.</source>
        <translation>Das ist kein Verweis. Geheimnisse werden auf der Seite Geheimnisse eingegeben; hier steht, wo eines zu finden ist, etwa keychain:NAME oder store:NAME.</translation>
    </message>
    <message>
        <source>“%1” is not a number.</source>
        <translation>„%1“ ist keine Zahl.</translation>
    </message>
    <message>
        <source>Set %1 of %2</source>
        <translation>%1 von %2 setzen</translation>
    </message>
    <message>
        <source>Something in this row or below it is wrong.</source>
        <translation>Etwas in dieser Zeile oder darunter ist falsch.</translation>
    </message>
    <message>
        <source>Move %1</source>
        <translation>%1 verschieben</translation>
    </message>
    <message>
        <source>a model</source>
        <translation>ein Modell</translation>
    </message>
</context>
<context>
    <name>keymux::gui::PoolPage</name>
    <message>
        <source>Pool</source>
        <translation>Pool</translation>
    </message>
    <message>
        <source>No keys yet</source>
        <translation>Noch keine Schlüssel</translation>
    </message>
    <message>
        <source>Add a provider and its keys. Nothing goes live before you press Apply.</source>
        <translation>Fügen Sie einen Anbieter und seine Schlüssel hinzu. Nichts wird wirksam, bevor Sie auf Anwenden drücken.</translation>
    </message>
    <message>
        <source>Add a provider…</source>
        <translation>Anbieter hinzufügen …</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>Undo: %1</source>
        <translation>Rückgängig: %1</translation>
    </message>
    <message>
        <source>Nothing to undo</source>
        <translation>Nichts rückgängig zu machen</translation>
    </message>
    <message>
        <source>Redo: %1</source>
        <translation>Wiederholen: %1</translation>
    </message>
    <message>
        <source>Nothing to redo</source>
        <translation>Nichts zu wiederholen</translation>
    </message>
    <message>
        <source>Add &amp;provider…</source>
        <translation>An&amp;bieter hinzufügen …</translation>
    </message>
    <message>
        <source>Add &amp;key</source>
        <translation>Sch&amp;lüssel hinzufügen</translation>
    </message>
    <message>
        <source>Add &amp;model</source>
        <translation>&amp;Modell hinzufügen</translation>
    </message>
    <message>
        <source>D&amp;uplicate key</source>
        <translation>Schlüssel &amp;verdoppeln</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>&amp;Enable</source>
        <translation>&amp;Einschalten</translation>
    </message>
    <message>
        <source>&amp;Disable</source>
        <translation>&amp;Ausschalten</translation>
    </message>
    <message>
        <source>Set &amp;limits…</source>
        <translation>Limits &amp;setzen …</translation>
    </message>
    <message>
        <source>Move u&amp;p</source>
        <translation>Nach &amp;oben</translation>
    </message>
    <message>
        <source>Move do&amp;wn</source>
        <translation>Nach &amp;unten</translation>
    </message>
    <message>
        <source>&amp;Apply…</source>
        <translation>&amp;Anwenden …</translation>
    </message>
    <message>
        <source>Re&amp;visions…</source>
        <translation>Re&amp;visionen …</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Wieder versuchen</translation>
    </message>
    <message>
        <source>There are changes of %1 that were not applied.</source>
        <translation>Es gibt Änderungen vom %1, die nicht angewandt wurden.</translation>
    </message>
    <message>
        <source>Restore them</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Revision %1 is live: %2</source>
        <translation>Revision %1 ist wirksam: %2</translation>
    </message>
    <message>
        <source>The pool was changed elsewhere; this is the newest.</source>
        <translation>Der Pool wurde anderswo geändert; dies ist der neueste.</translation>
    </message>
    <message>
        <source>Waiting for the gateway.</source>
        <translation>Warte auf das Gateway.</translation>
    </message>
    <message numerus="yes">
        <source>%n provider(s)</source>
        <translation>
            <numerusform>%n Anbieter</numerusform>
            <numerusform>%n Anbieter</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n key(s)</source>
        <translation>
            <numerusform>%n Schlüssel</numerusform>
            <numerusform>%n Schlüssel</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n change(s) not applied</source>
        <translation>
            <numerusform>%n Änderung nicht angewandt</numerusform>
            <numerusform>%n Änderungen nicht angewandt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n problem(s)</source>
        <translation>
            <numerusform>%n Fehler</numerusform>
            <numerusform>%n Fehler</numerusform>
        </translation>
    </message>
    <message>
        <source>There is a provider %1 already.</source>
        <translation>Einen Anbieter %1 gibt es schon.</translation>
    </message>
    <message>
        <source>Add provider %1</source>
        <translation>Anbieter %1 hinzufügen</translation>
    </message>
    <message>
        <source>Add key %1</source>
        <translation>Schlüssel %1 hinzufügen</translation>
    </message>
    <message>
        <source>Select a key or a provider first.</source>
        <translation>Wählen Sie zuerst einen Schlüssel oder einen Anbieter.</translation>
    </message>
    <message>
        <source>Add a model to %1</source>
        <translation>%1 ein Modell hinzufügen</translation>
    </message>
    <message>
        <source>Duplicate %1</source>
        <translation>%1 verdoppeln</translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation>%1 entfernen</translation>
    </message>
    <message numerus="yes">
        <source>Remove %n row(s)</source>
        <translation>
            <numerusform>%n Zeile entfernen</numerusform>
            <numerusform>%n Zeilen entfernen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Enable %n key(s)</source>
        <translation>
            <numerusform>%n Schlüssel einschalten</numerusform>
            <numerusform>%n Schlüssel einschalten</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Disable %n key(s)</source>
        <translation>
            <numerusform>%n Schlüssel ausschalten</numerusform>
            <numerusform>%n Schlüssel ausschalten</numerusform>
        </translation>
    </message>
    <message>
        <source>Select keys first.</source>
        <translation>Wählen Sie zuerst Schlüssel.</translation>
    </message>
    <message>
        <source>Select the rows whose limits you want to set.</source>
        <translation>Wählen Sie die Zeilen, deren Limits Sie setzen wollen.</translation>
    </message>
    <message numerus="yes">
        <source>Set limits of %n row(s)</source>
        <translation>
            <numerusform>Limits von %n Zeile setzen</numerusform>
            <numerusform>Limits von %n Zeilen setzen</numerusform>
        </translation>
    </message>
    <message>
        <source>Move %1</source>
        <translation>%1 verschieben</translation>
    </message>
    <message>
        <source>Sorted rows cannot be moved: choose “Unsorted” in the menu of the table&apos;s header first.</source>
        <translation>Sortierte Zeilen lassen sich nicht verschieben: Wählen Sie zuerst „Unsortiert“ im Menü der Tabellenüberschrift.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::PoolSync</name>
    <message>
        <source>The gateway&apos;s pool document cannot be read.</source>
        <translation>Das Pool-Dokument des Gateways kann nicht gelesen werden.</translation>
    </message>
    <message>
        <source>Merge with the gateway&apos;s document</source>
        <translation>Mit dem Dokument des Gateways zusammenführen</translation>
    </message>
    <message>
        <source>Restore unapplied changes</source>
        <translation>Nicht angewandte Änderungen wiederherstellen</translation>
    </message>
</context>
<context>
    <name>keymux::gui::ProviderDialog</name>
    <message>
        <source>Add a provider</source>
        <translation>Anbieter hinzufügen</translation>
    </message>
    <message>
        <source>Another…</source>
        <translation>Ein anderer …</translation>
    </message>
    <message>
        <source>names with commas, the one to be tried first in front</source>
        <translation>Namen mit Kommas, der zuerst zu versuchende vorn</translation>
    </message>
    <message>
        <source>&amp;Provider</source>
        <translation>&amp;Anbieter</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>A&amp;ddress</source>
        <translation>A&amp;dresse</translation>
    </message>
    <message>
        <source>&amp;Models</source>
        <translation>&amp;Modelle</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Add</source>
        <translation>&amp;Hinzufügen</translation>
    </message>
    <message>
        <source>Give it a name.</source>
        <translation>Geben Sie ihm einen Namen.</translation>
    </message>
    <message>
        <source>Name at least one model.</source>
        <translation>Nennen Sie wenigstens ein Modell.</translation>
    </message>
    <message>
        <source>The address must look like https://api.example.com/v1.</source>
        <translation>Die Adresse muss aussehen wie https://api.example.com/v1.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::RevisionsDialog</name>
    <message>
        <source>&amp;Restore this revision</source>
        <translation>Diese Revision &amp;wiederherstellen</translation>
    </message>
    <message>
        <source>Revisions</source>
        <translation>Revisionen</translation>
    </message>
    <message>
        <source>Revision</source>
        <translation>Revision</translation>
    </message>
    <message>
        <source>When</source>
        <translation>Wann</translation>
    </message>
    <message>
        <source>By</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>What restoring it would change</source>
        <translation>Was das Wiederherstellen ändern würde</translation>
    </message>
    <message>
        <source>What restoring it would change:</source>
        <translation>Was das Wiederherstellen ändern würde:</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Wieder versuchen</translation>
    </message>
</context>
<context>
    <name>keymux::gui::RulesModel</name>
    <message>
        <source>When a client asks for</source>
        <translation>Fragt ein Client nach</translation>
    </message>
    <message>
        <source>it is served by, the first before the next</source>
        <translation>so bedient ihn, der erste vor dem nächsten</translation>
    </message>
    <message>
        <source>Set the name of a rule</source>
        <translation>Namen einer Regel setzen</translation>
    </message>
    <message>
        <source>Set the models of a rule</source>
        <translation>Modelle einer Regel setzen</translation>
    </message>
    <message>
        <source>Add a rule</source>
        <translation>Regel hinzufügen</translation>
    </message>
    <message>
        <source>Remove a rule</source>
        <translation>Regel entfernen</translation>
    </message>
    <message>
        <source>Move a rule</source>
        <translation>Regel verschieben</translation>
    </message>
</context>
<context>
    <name>keymux::gui::SecretDialog</name>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Speichern</translation>
    </message>
    <message>
        <source>Secret of %1</source>
        <translation>Geheimnis von %1</translation>
    </message>
    <message>
        <source>S&amp;ecret</source>
        <translation>G&amp;eheimnis</translation>
    </message>
    <message>
        <source>It goes into the keychain of this computer, and over TLS or loopback into the gateway&apos;s sealed store.</source>
        <translation>Es kommt in den Schlüsselbund dieses Rechners und über TLS oder Loopback in den versiegelten Speicher des Gateways.</translation>
    </message>
    <message>
        <source>It goes into the keychain of this computer, where the gateway finds it.</source>
        <translation>Es kommt in den Schlüsselbund dieses Rechners, wo das Gateway es findet.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Enter the secret.</source>
        <translation>Geben Sie das Geheimnis ein.</translation>
    </message>
    <message>
        <source>A provider&apos;s key is one word, without spaces.</source>
        <translation>Der Schlüssel eines Anbieters ist ein Wort ohne Leerzeichen.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::SecretKeeper</name>
    <message>
        <source>This connection has no TLS, so a secret could be read on its way to %1. Use an https address.</source>
        <translation>Diese Verbindung hat kein TLS, ein Geheimnis könnte also auf dem Weg zu %1 mitgelesen werden. Nehmen Sie eine https-Adresse.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::SecretsModel</name>
    <message>
        <source>in the config itself</source>
        <translation>in der Konfiguration selbst</translation>
    </message>
    <message>
        <source>keychain</source>
        <translation>Schlüsselbund</translation>
    </message>
    <message>
        <source>sealed store</source>
        <translation>versiegelter Speicher</translation>
    </message>
    <message>
        <source>environment</source>
        <translation>Umgebung</translation>
    </message>
    <message>
        <source>file</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>by its name</source>
        <translation>nach seinem Namen</translation>
    </message>
    <message>
        <source>nowhere</source>
        <translation>nirgends</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Anbieter</translation>
    </message>
    <message>
        <source>Reference</source>
        <translation>Verweis</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Last test</source>
        <translation>Letzte Prüfung</translation>
    </message>
    <message>
        <source>not applied</source>
        <translation>nicht angewandt</translation>
    </message>
    <message>
        <source>found</source>
        <translation>gefunden</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>nicht gefunden</translation>
    </message>
</context>
<context>
    <name>keymux::gui::SecretsPage</name>
    <message>
        <source>Secrets</source>
        <translation>Geheimnisse</translation>
    </message>
    <message>
        <source>Hold to re&amp;veal</source>
        <translation>Zum Anzeigen &amp;halten</translation>
    </message>
    <message>
        <source>&amp;Copy</source>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Progress of the tests</source>
        <translation>Fortschritt der Prüfungen</translation>
    </message>
    <message>
        <source>&amp;Import…</source>
        <translation>&amp;Importieren …</translation>
    </message>
    <message>
        <source>&amp;Enter secret…</source>
        <translation>&amp;Geheimnis eingeben …</translation>
    </message>
    <message>
        <source>&amp;Test</source>
        <translation>&amp;Prüfen</translation>
    </message>
    <message>
        <source>Test &amp;all</source>
        <translation>&amp;Alle prüfen</translation>
    </message>
    <message>
        <source>%1 good, %2 bad</source>
        <translation>%1 gut, %2 schlecht</translation>
    </message>
    <message>
        <source>Cancelled: %1.</source>
        <translation>Abgebrochen: %1.</translation>
    </message>
    <message>
        <source>Tested: %1.</source>
        <translation>Geprüft: %1.</translation>
    </message>
    <message>
        <source>Select a key first.</source>
        <translation>Wählen Sie zuerst einen Schlüssel.</translation>
    </message>
    <message>
        <source>Refer to the secret of %1</source>
        <translation>Auf das Geheimnis von %1 verweisen</translation>
    </message>
    <message>
        <source>The secret of %1 is stored. Apply the change for the gateway to use it.</source>
        <translation>Das Geheimnis von %1 ist gespeichert. Wenden Sie die Änderung an, damit das Gateway es nimmt.</translation>
    </message>
    <message>
        <source>The secret of %1 is stored.</source>
        <translation>Das Geheimnis von %1 ist gespeichert.</translation>
    </message>
    <message>
        <source>Waiting for the gateway&apos;s pool.</source>
        <translation>Warte auf den Pool des Gateways.</translation>
    </message>
    <message numerus="yes">
        <source>%n key(s) imported. Apply the change for the gateway to use them.</source>
        <translation>
            <numerusform>%n Schlüssel importiert. Wenden Sie die Änderung an, damit das Gateway ihn nimmt.</numerusform>
            <numerusform>%n Schlüssel importiert. Wenden Sie die Änderung an, damit das Gateway sie nimmt.</numerusform>
        </translation>
    </message>
    <message>
        <source>Cleared in %1 s</source>
        <translation>Gelöscht in %1 s</translation>
    </message>
    <message>
        <source>No keys yet</source>
        <translation>Noch keine Schlüssel</translation>
    </message>
    <message>
        <source>Import the keys of your providers: paste them, drop a file, or open one. Their secrets go into the keychain of this computer.</source>
        <translation>Importieren Sie die Schlüssel Ihrer Anbieter: einfügen, eine Datei ablegen oder öffnen. Die Geheimnisse kommen in den Schlüsselbund dieses Rechners.</translation>
    </message>
    <message>
        <source>Import keys…</source>
        <translation>Schlüssel importieren …</translation>
    </message>
</context>
<context>
    <name>keymux::gui::SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Farbschema</translation>
    </message>
    <message>
        <source>The language changes with the next start.</source>
        <translation>Die Sprache wechselt mit dem nächsten Start.</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Sprache</translation>
    </message>
    <message>
        <source>Behaviour</source>
        <translation>Verhalten</translation>
    </message>
    <message>
        <source>%1 times a second</source>
        <translation>%1-mal je Sekunde</translation>
    </message>
    <message numerus="yes">
        <source>every %n second(s)</source>
        <translation>
            <numerusform>jede Sekunde</numerusform>
            <numerusform>alle %n Sekunden</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Updates</source>
        <translation>&amp;Aktualisierung</translation>
    </message>
    <message>
        <source>&amp;Silence notifications</source>
        <translation>Benachrichtigungen &amp;stummschalten</translation>
    </message>
</context>
<context>
    <name>keymux::gui::StartPage</name>
    <message>
        <source>Welcome to Keymux</source>
        <translation>Willkommen bei Keymux</translation>
    </message>
    <message>
        <source>Connect to a gateway that runs somewhere, or run one on this computer: with a provider that is only played, to look around, or with keys of your own.</source>
        <translation>Verbinden Sie sich mit einem Gateway, das irgendwo läuft, oder starten Sie eines auf diesem Rechner: mit einem nur gespielten Anbieter, um sich umzusehen, oder mit eigenen Schlüsseln.</translation>
    </message>
    <message>
        <source>&amp;Connect to a gateway…</source>
        <translation>Mit einem Gateway &amp;verbinden …</translation>
    </message>
    <message>
        <source>Try the &amp;demo here</source>
        <translation>Die &amp;Demo hier ausprobieren</translation>
    </message>
    <message>
        <source>Run one here with &amp;my keys</source>
        <translation>Eines mit &amp;meinen Schlüsseln starten</translation>
    </message>
</context>
<context>
    <name>keymux::gui::Tray</name>
    <message>
        <source>Silence notifications</source>
        <translation>Benachrichtigungen stummschalten</translation>
    </message>
    <message>
        <source>Open Keymux</source>
        <translation>Keymux öffnen</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Key %1 failed</source>
        <translation>Schlüssel %1 fällt aus</translation>
    </message>
    <message>
        <source>Budget used up</source>
        <translation>Budget verbraucht</translation>
    </message>
    <message>
        <source>Virtual key %1 has spent its budget.</source>
        <translation>Der virtuelle Schlüssel %1 hat sein Budget verbraucht.</translation>
    </message>
    <message>
        <source>Pool exhausted</source>
        <translation>Pool erschöpft</translation>
    </message>
    <message>
        <source>No deployment has room now; clients wait or get 429.</source>
        <translation>Kein Deployment hat jetzt Platz; Clients warten oder bekommen 429.</translation>
    </message>
    <message>
        <source>Keymux: not connected</source>
        <translation>Keymux: nicht verbunden</translation>
    </message>
    <message>
        <source>Keymux: the pool is exhausted</source>
        <translation>Keymux: der Pool ist erschöpft</translation>
    </message>
    <message>
        <source>Keymux: %1 ready</source>
        <translation>Keymux: %1 bereit</translation>
    </message>
    <message>
        <source>Budget nearly used up</source>
        <translation>Budget fast verbraucht</translation>
    </message>
    <message>
        <source>Virtual key %1 has spent %2 % of its budget.</source>
        <translation>Der virtuelle Schlüssel %1 hat %2 % seines Budgets verbraucht.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::VirtualKeyDialog</name>
    <message>
        <source>no limit</source>
        <translation>kein Limit</translation>
    </message>
    <message>
        <source>E&amp;xpires</source>
        <translation>Läuft &amp;ab</translation>
    </message>
    <message>
        <source>Answers name the &amp;deployment that served</source>
        <translation>Antworten nennen das &amp;Deployment, das bedient hat</translation>
    </message>
    <message>
        <source>New virtual key</source>
        <translation>Neuer virtueller Schlüssel</translation>
    </message>
    <message>
        <source>Virtual key %1</source>
        <translation>Virtueller Schlüssel %1</translation>
    </message>
    <message>
        <source>&amp;Make the key</source>
        <translation>Schlüssel anle&amp;gen</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>&amp;Speichern</translation>
    </message>
    <message>
        <source>Who or what uses it</source>
        <translation>Wer oder was ihn benutzt</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keines</translation>
    </message>
    <message>
        <source>dollars</source>
        <translation>Dollar</translation>
    </message>
    <message>
        <source>tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>requests</source>
        <translation>Anfragen</translation>
    </message>
    <message>
        <source>a day</source>
        <translation>am Tag</translation>
    </message>
    <message>
        <source>a week</source>
        <translation>in der Woche</translation>
    </message>
    <message>
        <source>a month</source>
        <translation>im Monat</translation>
    </message>
    <message>
        <source>in all</source>
        <translation>insgesamt</translation>
    </message>
    <message>
        <source>Unit of the budget</source>
        <translation>Einheit des Budgets</translation>
    </message>
    <message>
        <source>Period of the budget</source>
        <translation>Zeitraum des Budgets</translation>
    </message>
    <message>
        <source>Moment of expiry</source>
        <translation>Zeitpunkt des Ablaufs</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Name</translation>
    </message>
    <message>
        <source>M&amp;odels</source>
        <translation>M&amp;odelle</translation>
    </message>
    <message>
        <source>&amp;Requests a minute</source>
        <translation>&amp;Anfragen je Minute</translation>
    </message>
    <message>
        <source>&amp;Tokens a minute</source>
        <translation>&amp;Token je Minute</translation>
    </message>
    <message>
        <source>Requests at on&amp;ce</source>
        <translation>Gleichzeitige &amp;Anfragen</translation>
    </message>
    <message>
        <source>&amp;Budget</source>
        <translation>&amp;Budget</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>all; or with commas: gpt-4*, gemini-*</source>
        <translation>alle; oder mit Kommas: gpt-4*, gemini-*</translation>
    </message>
    <message>
        <source>Name who or what uses it.</source>
        <translation>Nennen Sie, wer oder was ihn benutzt.</translation>
    </message>
</context>
<context>
    <name>keymux::gui::VirtualKeysModel</name>
    <message>
        <source>$%1 of $%2</source>
        <translation>$%1 von $%2</translation>
    </message>
    <message>
        <source>%1 of %2 tokens</source>
        <translation>%1 von %2 Token</translation>
    </message>
    <message>
        <source>%1 of %2 requests</source>
        <translation>%1 von %2 Anfragen</translation>
    </message>
    <message>
        <source>%1 requests, %2 tokens</source>
        <translation>%1 Anfragen, %2 Token</translation>
    </message>
    <message>
        <source>%1 requests/min</source>
        <translation>%1 Anfragen/min</translation>
    </message>
    <message>
        <source>%1 tokens/min</source>
        <translation>%1 Token/min</translation>
    </message>
    <message>
        <source>%1 at once</source>
        <translation>%1 gleichzeitig</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keines</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>Limits</translation>
    </message>
    <message>
        <source>Spend</source>
        <translation>Verbrauch</translation>
    </message>
    <message>
        <source>Last used</source>
        <translation>Zuletzt benutzt</translation>
    </message>
    <message>
        <source>Expires</source>
        <translation>Läuft ab</translation>
    </message>
    <message>
        <source>active</source>
        <translation>aktiv</translation>
    </message>
    <message>
        <source>blocked</source>
        <translation>gesperrt</translation>
    </message>
    <message>
        <source>expired</source>
        <translation>abgelaufen</translation>
    </message>
    <message>
        <source>revoked</source>
        <translation>widerrufen</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
</context>
<context>
    <name>keymux::gui::VirtualKeysPage</name>
    <message>
        <source>Virtual keys</source>
        <translation>Virtuelle Schlüssel</translation>
    </message>
    <message>
        <source>No virtual keys yet</source>
        <translation>Noch keine virtuellen Schlüssel</translation>
    </message>
    <message>
        <source>A virtual key is what clients use in place of your providers&apos; keys. Each can have its own models, limits and budget.</source>
        <translation>Einen virtuellen Schlüssel benutzen Clients anstelle der Schlüssel Ihrer Anbieter. Jeder kann eigene Modelle, Limits und ein Budget haben.</translation>
    </message>
    <message>
        <source>Make a virtual key…</source>
        <translation>Virtuellen Schlüssel anlegen …</translation>
    </message>
    <message>
        <source>&amp;New…</source>
        <translation>&amp;Neu …</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;Bearbeiten …</translation>
    </message>
    <message>
        <source>Ro&amp;tate</source>
        <translation>&amp;Erneuern</translation>
    </message>
    <message>
        <source>&amp;Revoke</source>
        <translation>&amp;Widerrufen</translation>
    </message>
    <message>
        <source>&amp;Block</source>
        <translation>&amp;Sperren</translation>
    </message>
    <message>
        <source>&amp;Unblock</source>
        <translation>Ents&amp;perren</translation>
    </message>
    <message>
        <source>Show re&amp;voked keys</source>
        <translation>W&amp;iderrufene Schlüssel zeigen</translation>
    </message>
    <message>
        <source>Re&amp;fresh</source>
        <translation>Ak&amp;tualisieren</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Wieder versuchen</translation>
    </message>
    <message>
        <source>Select a virtual key first.</source>
        <translation>Wählen Sie zuerst einen virtuellen Schlüssel.</translation>
    </message>
    <message>
        <source>Give “%1” a new text? The old one goes on working for one hour.</source>
        <translation>„%1“ einen neuen Text geben? Der alte gilt noch eine Stunde.</translation>
    </message>
    <message>
        <source>Rotate</source>
        <translation>Erneuern</translation>
    </message>
    <message>
        <source>Revoke “%1”? Clients that use it are refused at once, for good.</source>
        <translation>„%1“ widerrufen? Clients, die ihn benutzen, werden sofort und endgültig abgewiesen.</translation>
    </message>
    <message>
        <source>Revoke</source>
        <translation>Widerrufen</translation>
    </message>
    <message>
        <source>“%1” is revoked.</source>
        <translation>„%1“ ist widerrufen.</translation>
    </message>
    <message>
        <source>“%1” is blocked.</source>
        <translation>„%1“ ist gesperrt.</translation>
    </message>
    <message>
        <source>“%1” works again.</source>
        <translation>„%1“ gilt wieder.</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>The desktop of Keymux: edits the pool of a gateway, keeps its secrets in the keychain, mints virtual keys and shows what happens.</source>
        <translation>Der Desktop von Keymux: bearbeitet den Pool eines Gateways, bewahrt seine Geheimnisse im Schlüsselbund auf, legt virtuelle Schlüssel an und zeigt, was geschieht.</translation>
    </message>
</context>
</TS>
