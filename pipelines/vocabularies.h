// The vocabularies of a flow, loaded by name and made into the tables that all
// its threads share.
//
//   Result<Vocabularies> vocabularies = Vocabularies::Load({"o200k_base"});
//   if (Status s = vocabularies->Build(); !s.ok()) return s;
//   setup.tables = vocabularies->tables();
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "tokenize/token_counter.h"
#include "tokenize/vocabulary.h"

namespace peaktext {

class Vocabularies {
 public:
  // Reads and checks the files. kNotFound says how to get one that is missing.
  static Result<Vocabularies> Load(std::span<const std::string> names);

  // SHA-256 of each one's file, hex.
  const std::vector<std::string>& hashes() const { return hashes_; }

  // Builds the tables, which takes longer. REQUIRES: called at most once.
  Status Build();
  // Empty before Build().
  std::vector<const CountTables*> tables() const;

 private:
  std::vector<std::unique_ptr<const Vocabulary>> loaded_;
  std::vector<std::string> hashes_;
  std::vector<std::unique_ptr<const CountTables>> tables_;
};

}  // namespace peaktext
