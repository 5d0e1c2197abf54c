// What the tests of dedup share: texts written as shards the way scan leaves
// them, and a run of Dedup over them.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dedup/decision_file.h"
#include "dedup/dedup.h"
#include "dedup/injector.h"
#include "extract/text_store.h"
#include "sketch/signature_file.h"
#include "temporary_folder.h"

namespace peaktext::testing {

// Meta data of a document, for the keep policies.
struct Meta {
  int64_t date_seconds = 0;
  int64_t priority = 0;
};

// Writes `texts` as `count` shards into `folder`.
inline std::vector<DedupShard> WriteShards(
    const std::string& folder, const std::vector<std::string>& texts,
    size_t count, bool with_texts = true, SignatureOptions options = {},
    const std::function<Meta(size_t)>& meta = {}) {
  std::vector<DedupShard> shards;
  Signer signer(options);
  for (size_t shard = 0; shard < count; ++shard) {
    const std::string base = folder + "/shard-" + std::to_string(shard);
    auto signatures = SignatureWriter::Create(base + ".sig", options);
    auto stored = TextStoreWriter::Create(base + ".text");
    BOOST_REQUIRE(signatures.has_value());
    BOOST_REQUIRE(stored.has_value());
    for (size_t i = texts.size() * shard / count;
         i < texts.size() * (shard + 1) / count; ++i) {
      SignatureRow row;
      signer.Sign(texts[i], &row.signature);
      row.text_bytes = texts[i].size();
      if (meta) {
        row.date_seconds = meta(i).date_seconds;
        row.priority = meta(i).priority;
      }
      BOOST_REQUIRE(signatures->Append(row).ok());
      BOOST_REQUIRE(stored->Append(texts[i]).ok());
    }
    BOOST_REQUIRE(signatures->Commit().ok());
    BOOST_REQUIRE(stored->Commit().ok());
    shards.push_back({base + ".sig", with_texts ? base + ".text" : ""});
  }
  return shards;
}

inline DedupOptions OptionsIn(const TemporaryFolder& folder) {
  DedupOptions options;
  options.work_folder = folder.path("work");
  options.decisions_path = folder.path("decisions");
  options.memory_bytes = 64 << 20;
  options.threads = 2;
  return options;
}

inline std::vector<Decision> ReadDecisions(const std::string& path) {
  auto reader = DecisionReader::Open(path);
  BOOST_REQUIRE(reader.has_value());
  std::vector<Decision> decisions;
  Decision decision;
  while (reader->Next(&decision)) decisions.push_back(decision);
  BOOST_REQUIRE(reader->status().ok());
  return decisions;
}

// Runs and reads the answer.
inline std::vector<Decision> RunDedup(const std::vector<DedupShard>& shards,
                                      const DedupOptions& options,
                                      DedupReport* report = nullptr) {
  auto result = Dedup(shards, options);
  const std::string failure = result ? "" : result.error().message();
  BOOST_REQUIRE_MESSAGE(failure.empty(), failure);
  if (report != nullptr) *report = *result;
  return ReadDecisions(options.decisions_path);
}

inline bool Kept(const Decision& decision) {
  return decision.verified == Evidence::kKept;
}

}  // namespace peaktext::testing
