// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keyimport.h"
#include "document/csvmapping.h"
#include "document/jsonchanges.h"

#include <QByteArray>
#include <QHash>
#include <QString>

namespace keymux::gui {

/// What a person pasted, dropped or chose, read as keys: a `.env` file, a table, JSON, or bare keys a line each.
/// Nothing is stored by it.
struct SecretImport {
    struct Row {
        QString keyId, provider, masked;
        QString problem; ///< why it is left out; empty: it is taken
    };

    PoolImport import; ///< `secrets` holds the values
    QList<Row> rows;
    QStringList notes; ///< what else there is to know; without secrets
    QString problem;   ///< why nothing can be read; empty: it could
    /// What was read was a table, and this is how its columns were understood.
    std::optional<CsvTable> table;
    CsvMapping mapping;

    int taken() const;
    /// Overwrites the values.
    void forget();
};

struct SecretImportOptions {
    QString provider; ///< for all keys; empty: by their names
    QStringList models;
    QString scheme;                       ///< `keychain:` or `store:`, in front of each new reference
    QHash<QByteArray, QString> knownKeys; ///< SHA-256 of secrets that are there already → key_id
    std::optional<CsvMapping> mapping;    ///< of a table's columns; absent: guessed
};

SecretImport readSecrets(const QByteArray &text, const SecretImportOptions &options);

/// The document with the import's keys added; an error is a sentence.
Result<MergedImport> addedTo(const Json &document, SecretImport &secrets);

} // namespace keymux::gui
