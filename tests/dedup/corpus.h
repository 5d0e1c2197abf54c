// Corpora for the tests of dedup: texts made by a seeded injector, written as
// shards the way scan leaves them, and a run of Dedup over them.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "dedup/decision_file.h"
#include "dedup/dedup.h"
#include "extract/text_store.h"
#include "sketch/signature_file.h"
#include "temporary_folder.h"

namespace peaktext::testing {

using Words = std::vector<std::string>;

inline std::string Join(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// A word for each number: letters only, for shingles take all digits as one.
inline std::string WordOf(uint64_t number) {
  std::string word = "w";
  do {
    word += static_cast<char>('a' + number % 26);
    number /= 26;
  } while (number > 0);
  return word;
}

// Texts over a vocabulary of some 20,000 made-up words with a Zipf-like
// distribution, and edits of them.
class Injector {
 public:
  explicit Injector(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t n) { return random_() % n; }
  double Share() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  std::string Word() {
    const double u = Share();
    return WordOf(static_cast<uint64_t>(20000 * u * u * u));
  }
  Words Text(size_t length) {
    Words words(length);
    for (std::string& word : words) word = Word();
    return words;
  }

  // Replaces, inserts and deletes words: a share `rate` of them.
  Words Edit(const Words& words, double rate) {
    Words edited;
    for (const std::string& word : words) {
      if (Share() >= rate) {
        edited.push_back(word);
        continue;
      }
      switch (Below(3)) {
        case 0:
          edited.push_back(Word());
          break;
        case 1:
          edited.push_back(word);
          edited.push_back(Word());
          break;
        default:
          break;
      }
    }
    return edited;
  }
  // Cuts into paragraphs of about 40 words and shuffles them.
  Words Reorder(const Words& words) {
    std::vector<Words> paragraphs;
    for (size_t at = 0; at < words.size();) {
      const size_t end = std::min(words.size(), at + 30 + Below(20));
      paragraphs.emplace_back(words.begin() + static_cast<long>(at),
                              words.begin() + static_cast<long>(end));
      at = end;
    }
    for (size_t i = paragraphs.size(); i > 1; --i) {
      std::swap(paragraphs[i - 1], paragraphs[Below(i)]);
    }
    Words all;
    for (const Words& paragraph : paragraphs) {
      all.insert(all.end(), paragraph.begin(), paragraph.end());
    }
    return all;
  }
  Words Surround(const Words& body, const Words& head, const Words& foot) {
    Words all = head;
    all.insert(all.end(), body.begin(), body.end());
    all.insert(all.end(), foot.begin(), foot.end());
    return all;
  }

 private:
  std::mt19937_64 random_;
};

// A corpus with duplicates of all kinds at all similarities.
inline std::vector<std::string> MixedCorpus(size_t documents, uint64_t seed) {
  Injector inject(seed);
  std::vector<Words> heads;
  std::vector<Words> feet;
  for (int i = 0; i < 8; ++i) {
    heads.push_back(inject.Text(10 + inject.Below(40)));
    feet.push_back(inject.Text(10 + inject.Below(40)));
  }
  std::vector<Words> texts;
  while (texts.size() < documents) {
    const Words* from =
        texts.empty() ? nullptr : &texts[inject.Below(texts.size())];
    const uint64_t kind = from == nullptr ? 0 : inject.Below(10);
    switch (kind) {
      case 4:
        texts.push_back(*from);
        break;
      case 5:
      case 6:
        texts.push_back(inject.Edit(*from, 0.15 * inject.Share()));
        break;
      case 7:
        texts.push_back(inject.Reorder(*from));
        break;
      case 8: {
        Words body = *from;
        texts.push_back(inject.Surround(body, heads[inject.Below(8)],
                                        feet[inject.Below(8)]));
        break;
      }
      case 9:
        texts.push_back(inject.Surround(inject.Text(20 + inject.Below(200)),
                                        heads[0], feet[0]));
        break;
      default:
        texts.push_back(inject.Text(
            inject.Below(50) == 0 ? inject.Below(6) : 20 + inject.Below(250)));
    }
  }
  std::vector<std::string> all;
  for (const Words& words : texts) all.push_back(Join(words));
  return all;
}

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
