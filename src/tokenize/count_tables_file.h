// The tables of a vocabulary, kept beside its file so that they need not be
// built each time:
//
//   FILE.tables    e.g. o200k_base.tiktoken.tables
//
// It is checked: by its version, the SHA-256 of the vocabulary's file, its own
// checksum, and the pattern. One that does not fit is as good as none.
// Exactness never depends on it: it holds what BuildCountTables makes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tokenize/bpe_model.h"
#include "tokenize/count_tables.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

// Where the tables of the vocabulary file at `path` are kept.
std::string CountTablesPath(std::string_view path);

// kNotFound without a file; kCorrupt when it is stale, of another version, or
// damaged.
Result<std::unique_ptr<CountTables>> ReadCountTables(const std::string& path,
                                                     std::string_view name,
                                                     std::string_view sha256);

// "yes", "no", or "stale" when those that are there will not be used, going by
// their header.
std::string_view CountTablesState(const std::string& path,
                                  std::string_view sha256);

// Writes the file, whole or not at all.
Status WriteCountTables(const std::string& path, Vocabulary* vocabulary,
                        BpeModel* model);

// The tables of the vocabulary called `name` (vocabulary.h): from beside its
// file, else built, and then put there if the folder can be written to. With
// what was learned, if anything (learned_pretokens.h).
Result<std::unique_ptr<const CountTables>> LoadCountTables(
    std::string_view name);

}  // namespace peaktext
