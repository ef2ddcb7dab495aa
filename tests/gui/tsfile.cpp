// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/tsfile.h"

#include <QFile>
#include <QXmlStreamReader>

using namespace Qt::StringLiterals;

namespace keymux::gui::testing {

QHash<QString, QString> textsOf(const QString &file, int *unfinished)
{
    QHash<QString, QString> texts;
    QFile f(file);
    if (!f.open(QIODevice::ReadOnly))
        return texts;
    QXmlStreamReader xml(&f);
    QString context, source;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == "name"_L1)
            context = xml.readElementText();
        else if (xml.name() == "source"_L1)
            source = xml.readElementText();
        else if (xml.name() == "translation"_L1) {
            if (unfinished)
                *unfinished += xml.attributes().hasAttribute(u"type"_s);
            texts.insert(context + u'|' + source, xml.readElementText(QXmlStreamReader::IncludeChildElements));
        }
    }
    return texts;
}

} // namespace keymux::gui::testing
