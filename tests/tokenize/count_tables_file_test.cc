// Tables kept in a file count as those that are built, and a file that is not
// what it should be is not used.
#include "tokenize/count_tables_file.h"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "base/atomic_file.h"
#include "reference/small_vocabularies.h"
#include "tokenize/token_counter.h"
#include "tokenize/tokenizer_json.h"
#include "tokenize/vocabulary_store.h"

namespace peaktext {
namespace {

const std::string kSum(64, 'a');

struct Folder {
  Folder()
      : path(std::filesystem::temp_directory_path() /
             ("peaktext_tables_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string File() const { return CountTablesPath((path / "v").string()); }
  std::filesystem::path path;
};

Vocabulary Small(const std::string& json) {
  Vocabulary vocabulary = ParseTokenizerJson(json, "small").value();
  vocabulary.name = "small";
  vocabulary.sha256 = kSum;
  return vocabulary;
}

void Write(const std::string& path, const std::string& json) {
  Vocabulary vocabulary = Small(json);
  BpeModel model = BpeModel::Build(vocabulary).value();
  BOOST_REQUIRE(WriteCountTables(path, &vocabulary, &model).ok());
}

uint64_t Count(const CountTables& tables, std::string_view text) {
  const CountTables* const one[] = {&tables};
  TokenCounter counter(one);
  uint64_t tokens[1];
  counter.Count(text, tokens);
  return tokens[0];
}

std::string Contents(const std::string& path) {
  return ReadWholeFile(path).value();
}

// Vocabularies are looked for in `folder` as long as this lives.
class VocabularyFolder {
 public:
  explicit VocabularyFolder(const std::string& folder) {
    if (const char* const was = std::getenv(kName)) before_ = was;
    ::setenv(kName, folder.c_str(), 1);
  }
  ~VocabularyFolder() {
    if (before_) {
      ::setenv(kName, before_->c_str(), 1);
    } else {
      ::unsetenv(kName);
    }
  }

 private:
  static constexpr char kName[] = "PEAKTEXT_VOCAB_DIR";
  std::optional<std::string> before_;
};

BOOST_AUTO_TEST_SUITE(count_tables_file)

BOOST_AUTO_TEST_CASE(tables_from_a_file_are_those_that_were_built) {
  const Folder folder;
  for (const std::string& json :
       {TokenizerJson({.top = R"("added_tokens":[{"id":300,"content":"<x>",)"
                              R"("lstrip":true,"rstrip":false,)"
                              R"("single_word":false,"normalized":false,)"
                              R"("special":true}],)"}),
        ByteFallbackTokenizerJson()}) {
    Write(folder.File(), json);
    const auto built =
        BuildCountTables(std::make_unique<const Vocabulary>(Small(json)))
            .value();
    const auto kept = ReadCountTables(folder.File(), "small", kSum);
    BOOST_REQUIRE(kept.has_value());
    const Vocabulary& vocabulary = (*kept)->vocabulary();
    BOOST_TEST(vocabulary.tokens.size() == built->vocabulary().tokens.size());
    BOOST_TEST(vocabulary.tokens.bytes() == built->vocabulary().tokens.bytes());
    BOOST_REQUIRE(vocabulary.added_tokens.size() ==
                  built->vocabulary().added_tokens.size());
    for (size_t i = 0; i < vocabulary.added_tokens.size(); ++i) {
      BOOST_TEST(vocabulary.added_tokens[i].text ==
                 built->vocabulary().added_tokens[i].text);
      BOOST_TEST(vocabulary.added_tokens[i].lstrip ==
                 built->vocabulary().added_tokens[i].lstrip);
    }
    for (const std::string_view text :
         {"", "the", " the the", "abcd ab abcdcd", "\xC3\xA9t\xC3\xA9 the"}) {
      BOOST_TEST(Count(**kept, text) == Count(*built, text));
    }
    BOOST_TEST(CountTablesState(folder.File(), kSum) == "yes");
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_does_not_fit_is_not_used) {
  const Folder folder;
  const std::string path = folder.File();
  BOOST_TEST(CountTablesState(path, kSum) == "no");
  BOOST_CHECK(!ReadCountTables(path, "small", kSum).has_value());
  Write(path, TokenizerJson({}));
  const std::string other(64, 'b');
  BOOST_TEST(CountTablesState(path, other) == "stale");
  BOOST_CHECK(ReadCountTables(path, "small", other).error().code() ==
              StatusCode::kCorrupt);

  const std::string whole = Contents(path);
  const auto is_used = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return ReadCountTables(path, "small", kSum).has_value();
  };
  BOOST_TEST(is_used(whole));
  // Any part of the header, and a sample of the rest.
  for (size_t at = 0; at < whole.size(); at += at < 128 ? 1 : 4999) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    BOOST_TEST(!is_used(damaged), "byte " << at);
  }
  for (const size_t size : {size_t{0}, size_t{1}, size_t{127}, size_t{128},
                            whole.size() / 2, whole.size() - 1}) {
    BOOST_TEST(!is_used(whole.substr(0, size)), "cut to " << size);
  }
  BOOST_TEST(!is_used(whole + '\0'));
}

// Root may write to any folder, but not to one that is none.
BOOST_AUTO_TEST_CASE(where_no_file_can_be_written_that_is_an_error) {
  const Folder folder;
  Vocabulary vocabulary = Small(TokenizerJson({}));
  BpeModel model = BpeModel::Build(vocabulary).value();
  std::ofstream((folder.path / "file").string()) << "no folder";
  BOOST_TEST(!WriteCountTables((folder.path / "file/v.tables").string(),
                               &vocabulary, &model)
                  .ok());
  std::filesystem::create_directories(folder.path / "v.tables");
  BOOST_TEST(!WriteCountTables(folder.File(), &vocabulary, &model).ok());
  BOOST_TEST(CountTablesState(folder.File(), kSum) != "yes");
}

BOOST_AUTO_TEST_CASE(tables_that_cannot_be_kept_count_all_the_same) {
  const Folder folder;
  std::ofstream((folder.path / "source.json").string()) << TokenizerJson({});
  const std::string store = (folder.path / "store").string();
  const Result<VocabularyEntry> added = AddVocabulary(
      (folder.path / "source.json").string(), "mine", std::nullopt, store);
  BOOST_REQUIRE(added.has_value());
  // A folder is in the file's place.
  std::filesystem::create_directories(CountTablesPath(added->path));
  const VocabularyFolder vocabularies(store);
  for (int time = 0; time < 2; ++time) {
    const auto tables = LoadCountTables("mine");
    BOOST_REQUIRE(tables.has_value());
    BOOST_TEST(Count(**tables, " the the") == 2);
  }
  BOOST_TEST(std::filesystem::is_directory(CountTablesPath(added->path)));
}

// What made them may have split texts by another pattern.
BOOST_AUTO_TEST_CASE(tables_of_another_pattern_are_not_used) {
  const Folder folder;
  BOOST_REQUIRE(WriteFileAtomically((folder.path / "ranks").string(),
                                    BytesRankFile() + "MTI= 256\n")  // "12"
                    .ok());
  const VocabularyFolder vocabularies(folder.path.string());
  const auto add = [&](Pattern pattern) {
    return AddVocabulary((folder.path / "ranks").string(), "mine", pattern,
                         folder.path.string())
        .value()
        .path;
  };
  const std::string tables = CountTablesPath(add(Pattern::kCl100k));
  BOOST_TEST(Count(**LoadCountTables("mine"), "12") == 1);
  const std::string before = Contents(tables);
  add(Pattern::kQwen2);
  BOOST_TEST(!std::filesystem::exists(tables));
  BOOST_TEST(Count(**LoadCountTables("mine"), "12") == 2);
  BOOST_REQUIRE(WriteFileAtomically(tables, before).ok());
  BOOST_TEST(Count(**LoadCountTables("mine"), "12") == 2);
}

// Of what another format or pattern has left nothing stays.
BOOST_AUTO_TEST_CASE(a_name_that_is_given_again_leaves_nothing_behind) {
  const Folder folder;
  const std::string store = folder.path.string();
  const auto file = [&](std::string_view name) {
    return (folder.path / name).string();
  };
  BOOST_REQUIRE(WriteFileAtomically(file("ranks"), BytesRankFile()).ok());
  BOOST_REQUIRE(WriteFileAtomically(file("json"), TokenizerJson({})).ok());
  BOOST_REQUIRE(AddVocabulary(file("ranks"), "mine", Pattern::kGpt2, store));
  BOOST_REQUIRE(WriteFileAtomically(file("mine.tiktoken.tables"), "").ok());
  BOOST_REQUIRE(AddVocabulary(file("json"), "mine", std::nullopt, store));
  BOOST_TEST(!std::filesystem::exists(file("mine.tiktoken")));
  BOOST_TEST(!std::filesystem::exists(file("mine.tiktoken.tables")));
  BOOST_TEST(std::filesystem::exists(file("mine.tokenizer.json")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext
