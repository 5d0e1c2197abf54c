// The vocabularies of a flow, loaded by name and made into the tables that all
// its threads share.
//
//   Result<Vocabularies> vocabularies = Vocabularies::Load({"o200k_base"});
//   setup.tables = vocabularies->tables();
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "tokenize/token_counter.h"

namespace peaktext {

class Vocabularies {
 public:
  // Reads and checks the files. kNotFound says how to get one that is missing.
  // With `added_tokens` kUnsupported when one has some of a kind not known.
  static Result<Vocabularies> Load(std::span<const std::string> names,
                                   bool added_tokens = false);

  // SHA-256 of each one's file, hex; and the pattern of those whose file does
  // not say it.
  const std::vector<std::string>& hashes() const { return hashes_; }

  std::vector<const CountTables*> tables() const;

 private:
  std::vector<std::string> hashes_;
  std::vector<std::unique_ptr<const CountTables>> tables_;
};

}  // namespace peaktext
