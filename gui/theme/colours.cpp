// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/colours.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QSvgRenderer>
#include <array>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

struct Pair {
    QRgb light, dark;
};

constexpr std::array<Pair, 6> tones{{
    {0xff1a7f45, 0xff5ccf8a}, // Good
    {0xff9a5b00, 0xffe9b44c}, // Warning
    {0xffc0303a, 0xffff8087}, // Bad
    {0xff656c7a, 0xff9aa3b2}, // Off
    {0xff2f5fd0, 0xff85aaff}, // Accent
    {0xff5d6573, 0xffa2abb9}, // Muted
}};

// After Okabe and Ito's palette, darkened or lightened to stand out from the window.
constexpr std::array<Pair, 8> lines{{
    {0xff0067a5, 0xff56b4e9},
    {0xffc05000, 0xffe69f00},
    {0xff007a5a, 0xff2fc79a},
    {0xffa0447f, 0xffe08cc0},
    {0xff8a7a00, 0xfff0e442},
    {0xff4a4ac0, 0xff9f9fff},
    {0xffb03030, 0xffff8f7a},
    {0xff505050, 0xffc8c8c8},
}};

/// Draws the SVG in a colour of its own in each mode, so a disabled or selected icon follows its text.
class SvgIconEngine : public QIconEngine {
public:
    SvgIconEngine(QByteArray svg, QPalette palette) : m_svg(std::move(svg)), m_palette(std::move(palette)) {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const QPalette::ColorGroup group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
        const QPalette::ColorRole role = mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::ButtonText;
        QByteArray svg = m_svg;
        svg.replace("currentColor", m_palette.color(group, role).name().toLatin1());
        QSvgRenderer renderer(svg);
        renderer.setAspectRatioMode(Qt::KeepAspectRatio);
        renderer.render(painter, rect);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new SvgIconEngine(m_svg, m_palette); }

private:
    QByteArray m_svg;
    QPalette m_palette;
};

} // namespace

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Window).lightness() < 128;
}

QColor toneColour(Tone tone, const QPalette &palette)
{
    const Pair &pair = tones[std::size_t(tone)];
    return QColor::fromRgb(isDark(palette) ? pair.dark : pair.light);
}

QColor toneWash(Tone tone, const QPalette &palette)
{
    QColor colour = toneColour(tone, palette);
    colour.setAlphaF(isDark(palette) ? 0.18F : 0.12F);
    return colour;
}

QColor lineColour(int n, const QPalette &palette)
{
    const Pair &pair = lines[std::size_t(n) % lines.size()];
    return QColor::fromRgb(isDark(palette) ? pair.dark : pair.light);
}

QIcon themedIcon(const QString &name, const QPalette &palette)
{
    QFile file(u":/keymux/icons/%1.svg"_s.arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QIcon(new SvgIconEngine(file.readAll(), palette));
}

} // namespace keymux::gui
