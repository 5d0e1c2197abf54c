// The flags that several subcommands share: each group is a struct with its
// defaults and a function that declares it, so that a flag is called the same
// and means the same everywhere.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "dedup/dedup.h"
#include "extract/extractor.h"
#include "read/byte_source.h"
#include "read/record_reader.h"
#include "sketch/signature.h"

namespace peaktext {

// INPUT..., and how remote ones are read.
struct InputFlags {
  std::vector<std::string> inputs;
  SourceOptions source;
};
void AddInputFlags(CLI::App& command, InputFlags& flags);

// How records are read and become documents.
struct ReadFlags {
  ReadOptions read;
  ExtractOptions extract;
};
void AddReadFlags(CLI::App& command, ReadFlags& flags);

// --bands, --rows, --shingle-words, --seed: fixed when documents are signed.
void AddSignatureFlags(CLI::App& command, SignatureOptions& options);

// --threshold, --keep, --grouping, --verify: how duplicates are decided upon.
void AddDedupFlags(CLI::App& command, DedupOptions& options);

// --preset fineweb|dolma3, which stands for signature and dedup flags; what is
// given beside it wins. REQUIRES: called before AddSignatureFlags and
// AddDedupFlags on the same command.
void AddPresetFlag(CLI::App& command, SignatureOptions& signature,
                   DedupOptions& dedup);

// --vocab NAME, repeatable, and --added-tokens.
void AddVocabFlags(CLI::App& command, std::vector<std::string>& vocabularies,
                   bool& added_tokens);

// --threads N; 0 (the default) means one per core that this process may use.
void AddThreadsFlag(CLI::App& command, unsigned& threads);
unsigned ThreadsOrCores(unsigned threads);

// --memory SIZE ("64M", "1G").
void AddMemoryFlag(CLI::App& command, uint64_t& memory_bytes);

// How a command speaks.
struct OutputFlags {
  bool json = false;
  bool no_progress = false;
  bool strict = false;  // exit code 1 when anything was dropped
};
void AddJsonFlag(CLI::App& command, OutputFlags& flags);
void AddProgressFlags(CLI::App& command, OutputFlags& flags);

// A size option with units: 4096, 64K, 64M, 1G.
CLI::Option* AddSizeOption(CLI::App& command, const std::string& name,
                           uint64_t& bytes, const std::string& description);

}  // namespace peaktext
