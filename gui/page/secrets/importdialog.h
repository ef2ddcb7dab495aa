// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/pooldocument.h"
#include "document/secretimport.h"
#include "document/secretkeeper.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTableWidget;

namespace keymux::gui {

class CsvColumns;
class MessageBar;
class SecretField;

/// Keys pasted, dropped or from a file, with a look at what would come of it. Nothing is stored before it is confirmed.
class ImportDialog : public QDialog {
    Q_OBJECT
public:
    ImportDialog(GatewaySession &session, PoolDocument &document, SecretKeeper &keeper, QWidget *parent = nullptr);
    ~ImportDialog() override;

    void setText(const QString &text);

Q_SIGNALS:
    void imported(int keys);

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void build();
    void learnKnown(int row);
    void openFile();
    void readFile(const QString &name);
    void preview();
    void readText();
    void showRows();
    void confirm();
    void storedAll(const QString &problem);

    GatewaySession &m_session;
    PoolDocument &m_document;
    SecretKeeper &m_keeper;
    SecretImport m_read;
    QHash<QByteArray, QString> m_known;
    QList<std::pair<QString, QString>> m_toLearn; ///< keychain entry, key_id
    MessageBar *m_message;
    SecretField *m_text;
    CsvColumns *m_columns;
    std::optional<CsvMapping> m_mapping; ///< chosen by hand, of a table with these columns
    QStringList m_mapped;
    QComboBox *m_provider;
    QLineEdit *m_models;
    QTableWidget *m_rows;
    QLabel *m_notes;
    QProgressBar *m_progress;
    QPushButton *m_confirm;
};

} // namespace keymux::gui
