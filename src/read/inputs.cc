#include "read/inputs.h"

#include <fmt/core.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include "base/atomic_file.h"
#include "read/byte_source.h"
#include "read/path_list.h"
#include "read/rate_limiter.h"
#include "read/s3_source.h"
#include "read/whole_source.h"

namespace peaktext {
namespace {

constexpr std::string_view kCrawlData = "crawl-data/";

bool IsHttp(std::string_view input) {
  return input.starts_with("http://") || input.starts_with("https://");
}
bool IsS3(std::string_view input) { return input.starts_with("s3://"); }
bool IsRemote(std::string_view input) { return IsHttp(input) || IsS3(input); }

bool Exists(const std::string& path) {
  struct stat unused {};
  return ::stat(path.c_str(), &unused) == 0;
}

// A folder that `run` or `scan` wrote: its tables are no shards.
bool IsOutputFolder(const std::string& folder) {
  if (Exists(folder + "/plan.json") && Exists(folder + "/shards")) return true;
  return Exists(folder + "/documents.jsonl.zst") &&
         Exists(folder + "/inventory.json");
}

class Expander {
 public:
  explicit Expander(const SourceOptions& options)
      : options_(options),
        own_limiter_({options.max_connections, options.requests_per_second}) {
    if (options_.limiter == nullptr) options_.limiter = &own_limiter_;
    base_ = options.commoncrawl_base;
    if (!base_.ends_with('/')) base_ += '/';
  }

  void Expand(const std::string& argument) {
    duplicates_ = left_out_ = 0;
    if (argument == "-") {
      Add(argument);
    } else if (argument.starts_with('@')) {
      ExpandList(argument);
    } else if (argument.starts_with("cc:")) {
      ExpandCommonCrawl(argument);
    } else if (IsHttp(argument)) {
      Add(argument);
    } else if (IsS3(argument)) {
      ExpandS3(argument);
    } else {
      ExpandPath(argument);
    }
    NoteWhatWasLeftOut(argument);
  }

  ExpandedInputs Take() { return std::move(expanded_); }

 private:
  void FailWith(const std::string& input, Status status) {
    expanded_.failures.push_back({input, std::move(status)});
  }
  void Note(std::string note) { expanded_.notes.push_back(std::move(note)); }

  // Adds an input unless it is there already.
  void Add(const std::string& input) {
    std::string identity = input;
    struct stat file {};
    if (!IsRemote(input) && input != "-" && ::stat(input.c_str(), &file) == 0 &&
        S_ISREG(file.st_mode)) {
      // A file has many paths. No input begins with a slash and a colon.
      identity = fmt::format("/:{}:{}", file.st_dev, file.st_ino);
    }
    if (seen_.insert(std::move(identity)).second) {
      expanded_.inputs.push_back(input);
    } else if (++duplicates_ == 1) {
      first_duplicate_ = input;
    }
  }

  void NoteWhatWasLeftOut(const std::string& argument) {
    if (duplicates_ == 1) {
      Note(fmt::format("{}: named twice, read once", first_duplicate_));
    } else if (duplicates_ > 1) {
      Note(fmt::format("{}: {} inputs named twice are read once, {} the first",
                       argument, duplicates_, first_duplicate_));
    }
    if (left_out_ > 0) {
      Note(fmt::format("{}: left out {} hidden, unfinished or special {}",
                       argument, left_out_, left_out_ == 1 ? "file" : "files"));
    }
  }

  void ExpandPath(const std::string& argument);
  void ExpandGlob(const std::string& pattern);
  void ExpandFolder(const std::string& folder);
  void CollectFiles(const std::string& folder, std::vector<std::string>* files);
  void AddListed(const std::string& input);
  void ExpandList(const std::string& argument);
  void ExpandCommonCrawl(const std::string& argument);
  void ExpandS3(const std::string& argument);
  Result<std::vector<std::string>> ReadList(const std::string& list);
  std::string CrawlBaseFor(const std::string& list,
                           const std::string& first_line) const;

  SourceOptions options_;
  RateLimiter own_limiter_;  // for lists and listings, where none is shared
  std::string base_;         // ends in "/"
  ExpandedInputs expanded_;
  std::set<std::string> seen_;
  std::set<std::pair<dev_t, ino_t>> folders_;  // of this argument
  // Of the argument at hand.
  uint64_t duplicates_ = 0;
  uint64_t left_out_ = 0;
  std::string first_duplicate_;
};

void Expander::ExpandPath(const std::string& argument) {
  struct stat file {};
  if (::stat(argument.c_str(), &file) == 0) {
    if (S_ISDIR(file.st_mode)) {
      ExpandFolder(argument);
    } else {
      if (argument.ends_with(".paths") || argument.ends_with(".paths.gz")) {
        Note(
            fmt::format("{}: read as text; for the shards that it lists write "
                        "@{}",
                        argument, argument));
      }
      Add(argument);
    }
    return;
  }
  const int error_number = errno;
  if (argument.empty()) {
    FailWith(argument, {StatusCode::kInvalidArgument, "an input has no name"});
  } else if (argument.find("://") != std::string::npos) {
    FailWith(argument, {StatusCode::kInvalidArgument,
                        argument + ": want http://, https:// or s3://"});
  } else if (error_number == ENOENT &&
             argument.find_first_of("*?[") != std::string::npos) {
    ExpandGlob(argument);
  } else {
    FailWith(argument, SystemError(error_number, "open " + argument));
  }
}

void Expander::ExpandGlob(const std::string& pattern) {
  glob_t found{};
  const int code = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> paths(found.gl_pathv,
                                 found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (code == GLOB_NOMATCH) {
    FailWith(pattern, {StatusCode::kNotFound, pattern + ": matches no file"});
    return;
  }
  if (code != 0) {
    FailWith(pattern, {StatusCode::kIo, pattern + ": the glob failed"});
    return;
  }
  std::sort(paths.begin(), paths.end());  // by bytes, whatever the locale
  for (const std::string& path : paths) AddListed(path);
}

// Adds the regular files below `folder` to *files. A folder that cannot be
// read is a failure of its own.
void Expander::CollectFiles(const std::string& folder,
                            std::vector<std::string>* files) {
  namespace fs = std::filesystem;
  struct stat self {};
  if (::stat(folder.c_str(), &self) == 0 &&
      !folders_.insert({self.st_dev, self.st_ino}).second) {
    return;  // a loop of links, or the same folder again
  }
  if (IsOutputFolder(folder)) {
    Note(fmt::format("{}: left out: a run of peaktext wrote it", folder));
    return;
  }
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  const std::string prefix = folder.ends_with('/') ? folder : folder + '/';
  while (!error && entry != fs::directory_iterator()) {
    const std::string name = entry->path().filename().string();
    const std::string path = prefix + name;
    struct stat file {};
    if (name.starts_with('.') || IsTemporaryName(name)) {
      ++left_out_;
    } else if (::stat(path.c_str(), &file) != 0) {
      FailWith(path, SystemError(errno, "open " + path));
    } else if (S_ISDIR(file.st_mode)) {
      CollectFiles(path, files);
    } else if (S_ISREG(file.st_mode)) {
      files->push_back(path);
    } else {
      ++left_out_;
    }
    entry.increment(error);
  }
  if (error) FailWith(folder, SystemError(error.value(), "folder " + folder));
}

void Expander::ExpandFolder(const std::string& folder) {
  folders_.clear();
  std::vector<std::string> files;
  const size_t failures = expanded_.failures.size();
  CollectFiles(folder, &files);
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) Add(file);
  if (files.empty() && expanded_.failures.size() == failures) {
    FailWith(folder,
             {StatusCode::kNotFound, folder + ": holds no file to read"});
  }
}

// An input out of a list or glob: taken by its letters, no pattern, no list.
void Expander::AddListed(const std::string& input) {
  struct stat file {};
  if (IsRemote(input)) {
    Add(input);
  } else if (::stat(input.c_str(), &file) != 0) {
    FailWith(input, SystemError(errno, "open " + input));
  } else if (S_ISDIR(file.st_mode)) {
    ExpandFolder(input);
  } else {
    Add(input);
  }
}

Result<std::vector<std::string>> Expander::ReadList(const std::string& list) {
  const Result<std::unique_ptr<ByteSource>> source = OpenSource(list, options_);
  if (!source) return Fail(source.error());
  Result<std::string> bytes = ReadWholeSource(**source, kListLimitBytes);
  if (!bytes) return Fail(bytes.error());
  Result<std::string> text = DecodeList(list, std::move(*bytes));
  if (!text) return Fail(text.error());
  std::vector<std::string> lines = ParseList(*text);
  if (lines.empty()) {
    return Fail(StatusCode::kInvalidArgument, list + ": lists no inputs");
  }
  return lines;
}

// Where "crawl-data/..." lines of `list` lie: in the mirror that the list
// itself is part of, beside a list whose neighbour they are, else at Common
// Crawl's base.
std::string Expander::CrawlBaseFor(const std::string& list,
                                   const std::string& first_line) const {
  const std::string slashed = "/" + list;
  const size_t at = slashed.rfind("/crawl-data/");
  if (at != std::string::npos) {
    std::string root = list.substr(0, at);
    if (IsRemote(list) || Exists(root + first_line)) return root;
  }
  const std::string folder(FolderOf(list));
  if (!IsRemote(list) && Exists(folder + first_line)) return folder;
  return base_;
}

void Expander::ExpandList(const std::string& argument) {
  const std::string list = argument.substr(1);
  const Result<std::vector<std::string>> lines = ReadList(list);
  if (!lines) {
    FailWith(argument, lines.error());
    return;
  }
  const std::string folder(FolderOf(
      IsHttp(list) ? std::string_view(list).substr(0, list.find('?')) : list));
  std::string crawl_base;
  for (const std::string& line : *lines) {
    if (!line.starts_with(kCrawlData)) {
      AddListed(ResolveListed(line, folder));
      continue;
    }
    if (crawl_base.empty()) crawl_base = CrawlBaseFor(list, line);
    AddListed(ResolveListed(line, crawl_base));
  }
}

void Expander::ExpandCommonCrawl(const std::string& argument) {
  const Result<CommonCrawlReference> reference =
      ParseCommonCrawlReference(argument);
  if (!reference) {
    FailWith(argument, reference.error());
    return;
  }
  const Result<std::vector<std::string>> lines =
      ReadList(base_ + reference->list_path());
  if (!lines) {
    FailWith(argument, lines.error());
    return;
  }
  const Result<std::vector<uint64_t>> selected =
      SelectLines(reference->range.value_or(ListRange()), lines->size());
  if (!selected) {
    FailWith(argument, selected.error());
    return;
  }
  if (selected->empty()) {
    FailWith(argument, {StatusCode::kInvalidArgument,
                        fmt::format("{}: takes none of {} shards", argument,
                                    lines->size())});
  }
  for (const uint64_t line : *selected) {
    AddListed(ResolveListed((*lines)[line], base_));
  }
}

void Expander::ExpandS3(const std::string& argument) {
  const size_t key_at = argument.find('/', 5);
  const std::string key =
      key_at == std::string::npos ? "" : argument.substr(key_at + 1);
  const std::string root = argument.substr(0, argument.size() - key.size()) +
                           (key_at == std::string::npos ? "/" : "");
  const std::string folder =
      key.empty() || key.ends_with('/') ? key : key + '/';
  std::vector<std::string> below, beside;
  bool exact = false;
  const Status listed = ListS3(argument, options_, [&](const S3Object& object) {
    exact = !key.empty() && object.key == key;
    if (exact) return false;
    if (object.key.ends_with('/')) return true;  // a folder's placeholder
    (object.key.starts_with(folder) ? below : beside).push_back(object.key);
    return true;
  });
  // Who may read an object need not be allowed to list its bucket.
  if (exact || (listed.code() == StatusCode::kPermission &&
                key_at != std::string::npos && folder != key)) {
    Add(argument);
    return;
  }
  if (!listed.ok()) {
    FailWith(argument, listed);
    return;
  }
  std::vector<std::string>& keys = below.empty() ? beside : below;
  if (keys.empty()) {
    FailWith(argument,
             {StatusCode::kNotFound, argument + ": no object begins so"});
  }
  std::sort(keys.begin(), keys.end());
  for (const std::string& each : keys) Add(root + each);
}

}  // namespace

ExpandedInputs ExpandInputs(std::span<const std::string> arguments,
                            const SourceOptions& options) {
  Expander expander(options);
  for (const std::string& argument : arguments) expander.Expand(argument);
  return expander.Take();
}

}  // namespace peaktext
