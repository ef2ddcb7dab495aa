// SPDX-License-Identifier: GPL-3.0-or-later
// The program's icon as Windows and macOS want it, from the one drawing: keymux_packageicons keymux.svg keymux.ico
// keymux.icns
#include <QBuffer>
#include <QFile>
#include <QImage>
#include <QPainter>
#include <QSvgRenderer>
#include <QtEndian>
#include <cstdio>

namespace {

QImage drawn(QSvgRenderer &drawing, int size)
{
    QImage image(size, size, QImage::Format_ARGB32);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    drawing.render(&painter);
    return image;
}

QByteArray png(const QImage &image)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    image.save(&buffer, "PNG");
    return bytes;
}

template <typename Number>
void append(QByteArray &bytes, Number number)
{
    const Number little = qToLittleEndian(number);
    bytes.append(reinterpret_cast<const char *>(&little), sizeof little);
}

// A bitmap as icons hold it: twice as high as it is, bottom row first, then a mask of one bit a pixel that is all zero
// because the pixels have an alpha of their own.
QByteArray bitmap(const QImage &image)
{
    const auto size = qint32(image.width());
    QByteArray bytes;
    append<quint32>(bytes, 40);
    append<qint32>(bytes, size);
    append<qint32>(bytes, 2 * size);
    append<quint16>(bytes, 1);
    append<quint16>(bytes, 32);
    bytes.append(24, '\0');
    for (int y = size - 1; y >= 0; --y)
        for (int x = 0; x < size; ++x)
            append<quint32>(bytes, image.pixel(x, y));
    bytes.append(qsizetype((size + 31) / 32) * 4 * size, '\0');
    return bytes;
}

QByteArray windowsIcon(QSvgRenderer &drawing)
{
    const QList<int> sizes{16, 24, 32, 48, 256};
    QByteArray head, images;
    append<quint16>(head, 0);
    append<quint16>(head, 1);
    append<quint16>(head, quint16(sizes.size()));
    const auto start = head.size() + 16 * sizes.size();
    for (const int size : sizes) {
        const QImage image = drawn(drawing, size);
        const QByteArray content = size == 256 ? png(image) : bitmap(image);
        append<quint8>(head, quint8(size % 256));
        append<quint8>(head, quint8(size % 256));
        append<quint16>(head, 0);
        append<quint16>(head, 1);
        append<quint16>(head, 32);
        append<quint32>(head, quint32(content.size()));
        append<quint32>(head, quint32(start + images.size()));
        images += content;
    }
    return head + images;
}

QByteArray macIcon(QSvgRenderer &drawing)
{
    QByteArray images;
    const auto add = [&images](const char *type, const QByteArray &content) {
        char length[4];
        qToBigEndian(quint32(content.size() + 8), length);
        images += QByteArray(type, 4) + QByteArray(length, 4) + content;
    };
    for (const auto &[type, size] : {std::pair{"icp4", 16}, {"icp5", 32}, {"ic07", 128}, {"ic08", 256}, {"ic09", 512}})
        add(type, png(drawn(drawing, size)));
    const QByteArray whole = images;
    images.clear();
    add("icns", whole);
    return images;
}

bool written(const char *path, const QByteArray &bytes)
{
    QFile file(QFile::decodeName(path));
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

} // namespace

int main(int argc, char **argv)
{
    QSvgRenderer drawing;
    if (argc != 4 || !drawing.load(QFile::decodeName(argv[1])) || !written(argv[2], windowsIcon(drawing)) ||
        !written(argv[3], macIcon(drawing))) {
        std::fprintf(stderr, "usage: keymux_packageicons DRAWING.svg ICON.ico ICON.icns\n");
        return 2;
    }
    return 0;
}
