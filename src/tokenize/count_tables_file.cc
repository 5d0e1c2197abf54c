// Little-endian, each part at a multiple of 64 bytes:
//
//   0    8  "PTXTABLE"
//   8    8  version, kVersion
//   16   8  bytes from 128 on
//   24   8  XXH3-64 of these
//   32  64  SHA-256 of the vocabulary's file, hex
//   128     the vocabulary: its texts, tokens and options; then the model's
//           arrays and the cuts, each with the number of its elements before it
#include "tokenize/count_tables_file.h"

#include <fmt/format.h>
#include <malloc.h>  // malloc_trim: glibc's

#include <cstring>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "base/input_file.h"
#include "tokenize/vocabulary_store.h"

namespace peaktext {
namespace {

constexpr uint64_t kVersion = 18;
constexpr size_t kAlignment = 64;
// Read together, so that they are still in the processor's cache when hashed.
constexpr uint64_t kPartBytes = 256 << 10;

struct Header {
  char magic[8];
  uint64_t version;
  uint64_t bytes;
  uint64_t checksum;
  char sha256[64];
  char zeros[32];
};
static_assert(sizeof(Header) == 128);
constexpr char kMagic[8] = {'P', 'T', 'X', 'T', 'A', 'B', 'L', 'E'};

// Hands the file's bytes on, piece by piece.
class Writer {
 public:
  using Sink = std::function<void(std::string_view)>;
  explicit Writer(const Sink& sink) : sink_(sink) {}

  template <class T>
  void operator()(TableArray<T>& array) {
    Put(array.data(), array.size());
  }
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void operator()(T& value) { Put(&value, 1); }
  void operator()(std::string& text) { Put(text.data(), text.size()); }
  void operator()(std::vector<uint64_t>& words) {
    Put(words.data(), words.size());
  }
  void operator()(TokenList& tokens) {
    Put(tokens.bytes().data(), tokens.bytes().size());
    Put(tokens.starts().data(), tokens.starts().size());
  }
  void operator()(std::vector<Vocabulary::AddedToken>& tokens) {
    uint64_t count = tokens.size();
    (*this)(count);
    for (Vocabulary::AddedToken& token : tokens) VisitAdded(token, *this);
  }
  template <class Visitor>
  static void VisitAdded(Vocabulary::AddedToken& token, Visitor& visit) {
    visit(token.text);
    visit(token.lstrip);
    visit(token.rstrip);
    visit(token.single_word);
    visit(token.normalized);
  }
  uint64_t bytes() const { return bytes_; }

 private:
  template <class T>
  void Put(const T* data, uint64_t count) {
    Add(&count, sizeof(count));
    Add(data, count * sizeof(T));
  }
  void Add(const void* data, uint64_t size) {
    static constexpr char kZeros[kAlignment] = {};
    if (size > 0) sink_({static_cast<const char*>(data), size});
    const uint64_t over = size % kAlignment;
    if (over > 0) sink_({kZeros, kAlignment - over});
    bytes_ += size + (over > 0 ? kAlignment - over : 0);
  }

  const Sink& sink_;
  uint64_t bytes_ = 0;
};

// Takes apart what a Writer has put together. Arrays borrow the bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  void operator()(TableArray<T>& array) {
    const auto [data, count] = Get<T>();
    array.Borrow(data, count);
  }
  template <class T>
  requires std::is_trivially_copyable_v<T>
  void operator()(T& value) {
    const auto [data, count] = Get<T>();
    if (count == 1) {
      std::memcpy(&value, data, sizeof(T));
    } else {
      ok_ = false;
    }
  }
  void operator()(std::string& text) {
    const auto [data, count] = Get<char>();
    text.assign(data, count);
  }
  void operator()(std::vector<uint64_t>& words) {
    const auto [data, count] = Get<uint64_t>();
    words.assign(data, data + count);
  }
  void operator()(TokenList& tokens) {
    const auto [bytes, size] = Get<char>();
    const auto [starts, count] = Get<uint32_t>();
    ok_ = ok_ && tokens.Assign({bytes, size}, {starts, count});
  }
  void operator()(std::vector<Vocabulary::AddedToken>& tokens) {
    uint64_t count = 0;
    (*this)(count);
    while (ok_ && count-- > 0) {
      tokens.emplace_back();
      Writer::VisitAdded(tokens.back(), *this);
    }
  }
  bool complete() const { return ok_ && bytes_.empty(); }

 private:
  template <class T>
  std::pair<const T*, uint64_t> Get() {
    uint64_t count = 0;
    ok_ = ok_ && bytes_.size() >= kAlignment;
    if (!ok_) return {nullptr, 0};
    std::memcpy(&count, bytes_.data(), sizeof(count));
    bytes_.remove_prefix(kAlignment);
    ok_ = count <= bytes_.size() / sizeof(T);
    if (!ok_) return {nullptr, 0};
    const T* data = reinterpret_cast<const T*>(bytes_.data());
    const size_t size =
        (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    bytes_.remove_prefix(std::min(size, bytes_.size()));
    return {data, count};
  }

  std::string_view bytes_;
  bool ok_ = true;
};

// All but the merges, which only the building needs.
template <class Visitor>
void VisitAll(Vocabulary* vocabulary, BpeModel* model, ExactCuts* cuts,
              Visitor& visit) {
  visit(vocabulary->pattern);
  visit(vocabulary->rule);
  visit(vocabulary->whole_pretoken_first);
  visit(vocabulary->tokens);
  visit(vocabulary->normalize_nfc);
  visit(vocabulary->prepend);
  visit(vocabulary->space_replacement);
  visit(vocabulary->byte_fallback);
  visit(vocabulary->added_tokens);
  model->VisitArrays(visit);
  cuts->Visit(visit);
}

Status Unfit(const std::string& path, std::string_view why) {
  return {StatusCode::kCorrupt, fmt::format("{}: {}", path, why)};
}

Result<Header> ReadHeader(const InputFile& file, std::string_view sha256) {
  Header header;
  if (file.size_bytes() < sizeof(header)) {
    return Fail(Unfit(file.path(), "too short"));
  }
  if (Status s = file.ReadAt(0, &header, sizeof(header)); !s.ok()) {
    return Fail(s);
  }
  const Header empty = {};
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0 ||
      std::memcmp(header.zeros, empty.zeros, sizeof(header.zeros)) != 0 ||
      header.version != kVersion ||
      header.bytes != file.size_bytes() - sizeof(header)) {
    return Fail(Unfit(file.path(), "of another version"));
  }
  if (std::string_view(header.sha256, sizeof(header.sha256)) != sha256) {
    return Fail(Unfit(file.path(), "of another file"));
  }
  return header;
}

// From the vocabulary's file. Kept at `path`, if it is not empty and can be
// written to: then the tables come from there, and what building took is given
// back.
Result<std::unique_ptr<CountTables>> Build(const VocabularyStore& store,
                                           std::string_view name,
                                           const std::string& path) {
  Result<StoredVocabulary> stored = store.Read(name);
  if (!stored) return Fail(stored.error());
  Result<Vocabulary> vocabulary = ParseStored(*std::move(stored));
  if (!vocabulary) return Fail(vocabulary.error());
  ::malloc_trim(0);  // room for the tables
  Result<BpeModel> model = BpeModel::Build(*vocabulary);
  if (!model) {
    return Fail(model.error().code(),
                vocabulary->name + ": " + model.error().message());
  }
  vocabulary->merges = {};
  if (!path.empty() && WriteCountTables(path, &*vocabulary, &*model).ok()) {
    const std::string sha256 = vocabulary->sha256;
    *vocabulary = {};
    *model = {};
    ::malloc_trim(0);
    Result<std::unique_ptr<CountTables>> kept =
        ReadCountTables(path, name, sha256);
    // Somebody else may have removed them since, or may alone read them.
    return kept ? std::move(kept) : Build(store, name, "");
  }
  // Where they cannot be kept, they are built again the next time.
  ExactCuts cuts(vocabulary->tokens);
  return MakeCountTables(
      std::make_unique<const Vocabulary>(*std::move(vocabulary)),
      *std::move(model), std::move(cuts), {});
}

}  // namespace

std::string CountTablesPath(std::string_view path) {
  return fmt::format("{}.tables", path);
}

std::string_view CountTablesState(const std::string& path,
                                  std::string_view sha256) {
  const Result<InputFile> file = InputFile::Open(path);
  if (!file) return "no";
  return ReadHeader(*file, sha256) ? "yes" : "stale";
}

Result<std::unique_ptr<CountTables>> ReadCountTables(const std::string& path,
                                                     std::string_view name,
                                                     std::string_view sha256) {
  const Result<InputFile> file = InputFile::Open(path);
  if (!file) return Fail(file.error());
  const Result<Header> checked = ReadHeader(*file, sha256);
  if (!checked) return Fail(checked.error());
  const Header& header = *checked;
  HugeArray<char> bytes;
  bytes.Allocate(header.bytes);
  RunningHash hash;
  for (uint64_t at = 0; at < header.bytes; at += kPartBytes) {
    char* const part = bytes.data() + at;
    const size_t size = std::min(kPartBytes, header.bytes - at);
    if (Status s = file->ReadAt(sizeof(header) + at, part, size); !s.ok()) {
      return Fail(s);
    }
    hash.Update({part, size});
  }
  if (hash.value() != header.checksum) return Fail(Unfit(path, "damaged"));
  auto vocabulary = std::make_unique<Vocabulary>();
  vocabulary->name = name;
  vocabulary->sha256 = sha256;
  BpeModel model;
  ExactCuts cuts;
  Reader reader({bytes.data(), bytes.size()});
  VisitAll(vocabulary.get(), &model, &cuts, reader);
  if (!reader.complete()) return Fail(Unfit(path, "damaged"));
  return MakeCountTables(std::move(vocabulary), std::move(model),
                         std::move(cuts), std::move(bytes));
}

Status WriteCountTables(const std::string& path, Vocabulary* vocabulary,
                        BpeModel* model) {
  // Twice: the checksum stands before the bytes, which nothing holds together.
  ExactCuts cuts(vocabulary->tokens);
  RunningHash hash;
  const Writer::Sink add = [&](std::string_view part) { hash.Update(part); };
  Writer counted(add);
  VisitAll(vocabulary, model, &cuts, counted);
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kVersion;
  header.bytes = counted.bytes();
  header.checksum = hash.value();
  std::memcpy(header.sha256, vocabulary->sha256.data(),
              std::min(sizeof(header.sha256), vocabulary->sha256.size()));
  Result<AtomicFile> file = AtomicFile::Create(path);
  if (!file) return file.error();
  Status status =
      file->Write({reinterpret_cast<const char*>(&header), sizeof(header)});
  const Writer::Sink write = [&](std::string_view part) {
    if (status.ok()) status = file->Write(part);
  };
  Writer written(write);
  VisitAll(vocabulary, model, &cuts, written);
  return status.ok() ? file->Commit() : status;
}

Result<std::unique_ptr<const CountTables>> LoadCountTables(
    std::string_view name) {
  const VocabularyStore store;
  const Result<VocabularyEntry> entry = store.Locate(name);
  if (!entry) return Fail(entry.error());
  const std::string path = CountTablesPath(entry->path);
  Result<std::unique_ptr<CountTables>> tables =
      ReadCountTables(path, entry->name, entry->sha256);
  // A rank file's pattern is not in the file, and may have been another once.
  if (!tables || (*tables)->vocabulary().pattern != entry->pattern) {
    RemoveOldLeftovers(entry->path);
    tables = Build(store, name, path);
    if (!tables) return Fail(tables.error());
  }
  (*tables)->SetLearned(LearnedPretokens(entry->path, entry->sha256));
  return std::unique_ptr<const CountTables>(*std::move(tables));
}

}  // namespace peaktext
