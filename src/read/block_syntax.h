// How records of WARC and ARC look: a header that says how long the block after
// it is. BlockRecordReader walks both by this one interface.
//
// Thread-safe: stateless.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "read/record_reader.h"

namespace peaktext {

enum class Match {
  kNo,
  kYes,
  kMore,  // cannot be told before more bytes are there
};

struct FieldRange {
  uint32_t begin = 0;  // from the record's first byte
  uint32_t bytes = 0;
};

enum class LengthState { kGood, kMissing, kBad };

struct BlockHeader {
  size_t bytes = 0;  // with the line that ends it
  LengthState length_state = LengthState::kMissing;
  uint64_t length = 0;
  FieldRange type, id, date, uri, media_type, language, truncated;
};

class BlockSyntax {
 public:
  virtual ~BlockSyntax() = default;
  virtual RecordFormat format() const = 0;

  // Whether a record starts with `data`. In doubt, that is amid junk or inside
  // a block, the header must look like one in more than its first word.
  virtual Match StartsHere(std::string_view data, bool in_doubt) const = 0;
  // The first place at or after `from` where one may start; npos: none.
  virtual size_t FindCandidate(std::string_view data, size_t from) const = 0;
  // Parses the header at the start of `data`; folded lines are unfolded in
  // place. kNo: it is none, and the next record may start at header->bytes.
  virtual Match ParseHeader(std::span<char> data,
                            BlockHeader* header) const = 0;
  // Whether data[at], where a header could start, is more likely inside one
  // that starts between `from` and `at`.
  virtual bool IsInsideHeader(std::string_view data, size_t from,
                              size_t at) const = 0;
  // What Record::type is where the header has none.
  virtual std::string_view default_type() const = 0;
};

const BlockSyntax& WarcSyntax();
const BlockSyntax& ArcSyntax();

// The first true start of a record at or after `from`: npos when there is none
// in `data`; then *undecided is the place from which to look again once there
// is more of it.
size_t FindRecordStart(const BlockSyntax& syntax, std::string_view data,
                       size_t from, size_t* undecided);

}  // namespace peaktext
