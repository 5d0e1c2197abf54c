// What earlier runs learned: the pretokens that their texts repeated, with
// their numbers of tokens, kept beside the file of the vocabulary,
//
//   FILE.pretokens    e.g. o200k_base.tiktoken.pretokens
//
// so that a new process need not count them again. It holds the tables of one
// PretokenCache as they were. It is checked: by its version, the SHA-256 of the
// vocabulary's file, and a checksum of each table. One that does not fit is as
// good as none, and no count depends on it.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/input_file.h"
#include "base/status.h"

namespace peaktext {

class LearnedPretokens {
 public:
  static constexpr size_t kTables = 3;
  // Tables are read in parts of so many bytes, which divide them.
  static constexpr size_t kPartBytes = 256 << 10;

  // Of the vocabulary at `vocabulary_path`; there may be nothing yet.
  LearnedPretokens(std::string_view vocabulary_path, std::string_view sha256);

  bool empty() const { return !file_.has_value(); }
  // A power of two, at least kPartBytes; 0 when there is nothing.
  uint64_t table_bytes(size_t table) const { return bytes_[table]; }

  // Reads a table from its start to its end.
  class Reader {
   public:
    Reader(const LearnedPretokens& learned, size_t table);
    // The next part. False when it cannot be read.
    bool Read(std::span<char, kPartBytes> part);
    // REQUIRES: all parts were read. False: they are not what was written.
    bool Sound() const { return hash_ == learned_.checksums_[table_]; }

   private:
    const LearnedPretokens& learned_;
    const size_t table_;
    uint64_t offset_;
    uint64_t hash_ = 0;
  };

  // Puts the tables in place of what is there, whole or not at all, unless
  // somebody else has done so since: kUnavailable then. REQUIRES: their sizes
  // are powers of two, at least kPartBytes.
  Status Replace(std::span<const std::string_view, kTables> tables) const;

 private:
  // Which file it is; all zero for none.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    timespec changed = {};
    bool operator==(const Identity& other) const {
      return device == other.device && inode == other.inode &&
             changed.tv_sec == other.changed.tv_sec &&
             changed.tv_nsec == other.changed.tv_nsec;
    }
  };
  static Identity IdentityOf(const std::string& path);

  std::string path_;
  std::string sha256_;
  Identity identity_;
  std::optional<InputFile> file_;
  std::array<uint64_t, kTables> bytes_ = {};
  std::array<uint64_t, kTables> checksums_ = {};
};

}  // namespace peaktext
