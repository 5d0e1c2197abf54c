#include "tokenize/vocabulary_store.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>

#include "base/atomic_file.h"
#include "reference/small_vocabularies.h"
#include "temporary_folder.h"
#include "tokenize/tiktoken_file.h"

namespace peaktext {
namespace {

void WriteFile(const std::string& path, std::string_view bytes) {
  BOOST_TEST_REQUIRE(WriteFileAtomically(path, bytes).ok());
}

BOOST_AUTO_TEST_SUITE(vocabulary_store)

BOOST_AUTO_TEST_CASE(an_added_tokenizer_json_is_found_by_its_name) {
  const TemporaryFolder folder;
  WriteFile(folder.path("file.json"), TokenizerJson({}));
  const std::string store_folder = folder.path("made/store");
  const Result<VocabularyEntry> added = AddVocabulary(
      folder.path("file.json"), "mine", std::nullopt, store_folder);
  BOOST_TEST_REQUIRE(added.has_value());
  BOOST_TEST(added->tokens == 259);
  const VocabularyStore store({folder.path("not-there"), store_folder});
  const auto vocabulary = store.Load("mine");
  BOOST_TEST_REQUIRE(vocabulary.has_value());
  BOOST_TEST((*vocabulary)->name == "mine");
  BOOST_TEST((*vocabulary)->tokens.size() == 259);
  BOOST_TEST((*vocabulary)->sha256 == added->sha256);
}

BOOST_AUTO_TEST_CASE(an_added_rank_file_keeps_the_pattern_it_was_given) {
  const TemporaryFolder folder;
  WriteFile(folder.path("ranks"), BytesRankFile());
  BOOST_TEST(
      (AddVocabulary(folder.path("ranks"), "mine", std::nullopt, folder.path())
           .error()
           .code() == StatusCode::kInvalidArgument));
  BOOST_TEST(AddVocabulary(folder.path("ranks"), "mine", Pattern::kTekken,
                           folder.path())
                 .has_value());
  const auto vocabulary = VocabularyStore({folder.path()}).Load("mine");
  BOOST_TEST_REQUIRE(vocabulary.has_value());
  BOOST_TEST(((*vocabulary)->pattern == Pattern::kTekken));
  BOOST_TEST(((*vocabulary)->rule == MergeRule::kRanks));
}

BOOST_AUTO_TEST_CASE(a_vocabulary_that_cannot_count_is_not_added) {
  const TemporaryFolder folder;
  WriteFile(folder.path("ranks"), "YQ== 0\n");
  BOOST_TEST(!AddVocabulary(folder.path("ranks"), "mine", Pattern::kGpt2,
                            folder.path())
                  .has_value());
  // One that is longer than tables of it can be.
  std::string base64;
  for (int i = 0; i < 1 << 13; ++i) base64 += "YWFh";
  WriteFile(folder.path("ranks"), BytesRankFile() + base64 + " 256\n");
  const auto added = AddVocabulary(folder.path("ranks"), "mine", Pattern::kGpt2,
                                   folder.path());
  BOOST_TEST_REQUIRE(!added.has_value());
  BOOST_TEST(added.error().message().starts_with(folder.path("ranks: ")));
  BOOST_TEST(!std::filesystem::exists(folder.path("mine.vocab.json")));
}

BOOST_AUTO_TEST_CASE(a_known_name_takes_only_the_file_with_its_sum) {
  const TemporaryFolder folder;
  WriteFile(folder.path("ranks"), BytesRankFile());
  const auto added = AddVocabulary(folder.path("ranks"), "o200k_base",
                                   Pattern::kO200k, folder.path());
  BOOST_TEST_REQUIRE(!added.has_value());
  BOOST_TEST((added.error().code() == StatusCode::kCorrupt));
}

BOOST_AUTO_TEST_CASE(a_file_whose_sum_is_off_is_named) {
  const TemporaryFolder folder;
  WriteFile(folder.path("o200k_base.tiktoken"), "YQ== 0\n");
  const auto vocabulary = VocabularyStore({folder.path()}).Load("o200k_base");
  BOOST_TEST_REQUIRE(!vocabulary.has_value());
  BOOST_TEST((vocabulary.error().code() == StatusCode::kCorrupt));
  BOOST_TEST(vocabulary.error().message().find(
                 folder.path("o200k_base.tiktoken")) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_vocabulary_that_is_not_there_says_how_to_get_it) {
  const TemporaryFolder folder;
  const VocabularyStore store({folder.path()});
  const auto known = store.Load("cl100k_base");
  BOOST_TEST_REQUIRE(!known.has_value());
  BOOST_TEST((known.error().code() == StatusCode::kNotFound));
  BOOST_TEST(known.error().message().find("peaktext vocab get cl100k_base") !=
             std::string::npos);
  for (const char* name : {"nope", "../nope", "", "a/b"}) {
    const auto unknown = store.Load(name);
    BOOST_TEST_REQUIRE(!unknown.has_value());
    BOOST_TEST((unknown.error().code() == StatusCode::kNotFound));
  }
}

BOOST_AUTO_TEST_CASE(names_that_are_no_file_names_are_refused) {
  const TemporaryFolder folder;
  WriteFile(folder.path("file.json"), TokenizerJson({}));
  for (const char* name : {"", ".hidden", "-flag", "a/b", "a b", "\xc3\xa9"}) {
    const auto added = AddVocabulary(folder.path("file.json"), name,
                                     std::nullopt, folder.path());
    BOOST_TEST_REQUIRE(!added.has_value());
    BOOST_TEST((added.error().code() == StatusCode::kInvalidArgument));
  }
}

BOOST_AUTO_TEST_CASE(the_list_has_the_known_ones_and_the_added_ones) {
  const TemporaryFolder folder;
  WriteFile(folder.path("file.json"), TokenizerJson({}));
  for (const char* name : {"zz", "aa"}) {
    BOOST_TEST_REQUIRE(AddVocabulary(folder.path("file.json"), name,
                                     std::nullopt, folder.path())
                           .has_value());
  }
  WriteFile(folder.path("broken.vocab.json"), "{}");
  const auto entries = VocabularyStore({folder.path(), folder.path()}).List();
  const size_t known = KnownVocabularies().size();
  BOOST_TEST_REQUIRE(entries.size() == known + 2);
  BOOST_TEST(entries[0].name == "o200k_base");
  BOOST_TEST(entries[0].path.empty());
  BOOST_TEST(entries[known].name == "aa");
  BOOST_TEST(entries[known + 1].name == "zz");
  BOOST_TEST(entries[known].path == folder.path("aa.tokenizer.json"));
}

BOOST_AUTO_TEST_CASE(known_names_files_and_sums_are_distinct) {
  std::set<std::string_view> seen;
  for (const KnownVocabulary& known : KnownVocabularies()) {
    BOOST_TEST(seen.insert(known.name).second);
    BOOST_TEST(seen.insert(known.file).second);
    BOOST_TEST(seen.insert(known.sha256).second);
    BOOST_TEST(known.sha256.size() == 64);
    BOOST_TEST(FindKnownVocabulary(known.name) == &known);
  }
}

// Those that are on disk here: the files have the sums, sizes and patterns that
// the table says.
BOOST_AUTO_TEST_CASE(known_vocabularies_on_disk_are_what_the_table_says) {
  const VocabularyStore store;
  size_t missing = 0;
  for (const VocabularyEntry& entry : store.List()) {
    const KnownVocabulary* known = FindKnownVocabulary(entry.name);
    if (known == nullptr) continue;
    if (entry.path.empty()) {
      ++missing;
      continue;
    }
    const auto vocabulary = store.Load(entry.name);
    BOOST_TEST_REQUIRE(vocabulary.has_value());
    BOOST_TEST((*vocabulary)->tokens.size() == known->tokens);
    BOOST_TEST(((*vocabulary)->pattern == known->pattern));
    BOOST_TEST(std::filesystem::file_size(entry.path) == known->size_bytes);
    BOOST_TEST(CheckVocabulary(**vocabulary).ok());
  }
  if (missing > 0) {
    BOOST_TEST_MESSAGE("SKIPPED for " << missing
                                      << " known vocabularies: not on disk");
    std::cerr << "SKIPPED for " << missing
              << " known vocabularies: not on disk\n";
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext
