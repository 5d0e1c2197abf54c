// Shards of every format, given in pieces of every size, cut at any byte and
// with any byte flipped (seeded): the account is right, reading ends, and what
// the damage does not touch is read. Of a member or frame that holds all
// records that is each record followed by a whole one in what can be
// decompressed before the damage: with zstd and LZ4, in the blocks that end
// before it.
//
// PEAKTEXT_DAMAGE_CASES sets the number of damaged shards.
#include <fmt/core.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "read/shard_bytes.h"

namespace peaktext {
namespace {

// A shard of records 0, 1, 2, ... and where each one starts in it.
struct Sample {
  std::string name;
  std::string bytes;
  std::vector<size_t> starts;
  std::vector<std::string> bodies;
  bool members = false;                   // each record has a member of its own
  std::vector<size_t> decoded_ends = {};  // of the records, decompressed
};

template <class Pack>
Sample Make(const char* name, bool members, bool jsonl, bool arc, Pack pack) {
  Sample sample{.name = name,
                .bytes = {},
                .starts = {},
                .bodies = {},
                .members = members};
  for (uint64_t i = 0; i < 9; ++i) {
    sample.bodies.push_back(Words(i, 150 + 170 * (i % 4)));
    for (char& c : sample.bodies.back()) {
      if (jsonl && c == '\n') c = ' ';
    }
    const std::string record =
        jsonl ? fmt::format(
                    "{{\"url\":\"http://example.org/{}\",\"text\":\"{}\"}}\n",
                    i, sample.bodies.back())
        : arc ? ArcRecord(std::to_string(i), sample.bodies.back())
              : WarcRecord(std::to_string(i), sample.bodies.back());
    sample.starts.push_back(sample.bytes.size());
    sample.bytes += pack(record);
    sample.decoded_ends.push_back(
        record.size() +
        (sample.decoded_ends.empty() ? 0 : sample.decoded_ends.back()));
  }
  return sample;
}

std::string Whole(std::string_view bytes) { return std::string(bytes); }
std::string Pack6(std::string_view bytes) { return Gzip(bytes); }
std::string PackZ(std::string_view bytes) { return Zstd(bytes); }

// Packed as a whole: where a record starts in the packed bytes nobody knows.
template <class Pack>
Sample PackWhole(const char* name, Sample sample, Pack pack) {
  sample.name = name;
  sample.bytes = pack(sample.bytes);
  sample.starts.clear();
  return sample;
}

// Members that end where they like, in the middle of records too.
std::string GzipInSlices(std::string_view bytes) {
  std::string packed;
  for (size_t at = 0; at < bytes.size(); at += 331) {
    packed += Gzip(bytes.substr(at, 331));
  }
  return packed;
}

// One frame of many blocks, which end where they like.
std::string ZstdInBlocks(std::string_view bytes) {
  ZSTD_CCtx* const c = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
  std::string packed(ZSTD_compressBound(bytes.size()) + bytes.size(), '\0');
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  for (size_t at = 0; at < bytes.size(); at += 331) {
    const std::string_view slice = bytes.substr(at, 331);
    ZSTD_inBuffer in{slice.data(), slice.size(), 0};
    const bool last = at + 331 >= bytes.size();
    BOOST_REQUIRE(ZSTD_compressStream2(c, &out, &in,
                                       last ? ZSTD_e_end : ZSTD_e_flush) == 0);
  }
  packed.resize(out.pos);
  ZSTD_freeCCtx(c);
  return packed;
}

std::string Lz4InBlocks(std::string_view bytes) {
  LZ4F_cctx* c = nullptr;
  LZ4F_createCompressionContext(&c, LZ4F_VERSION);
  LZ4F_preferences_t preferences{};  // blocks that lean on those before
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  std::string packed(2 * LZ4F_compressBound(bytes.size(), &preferences), '\0');
  size_t n = LZ4F_compressBegin(c, packed.data(), packed.size(), &preferences);
  for (size_t at = 0; at < bytes.size(); at += 331) {
    const std::string_view slice = bytes.substr(at, 331);
    n += LZ4F_compressUpdate(c, packed.data() + n, packed.size() - n,
                             slice.data(), slice.size(), nullptr);
    n += LZ4F_flush(c, packed.data() + n, packed.size() - n, nullptr);
  }
  n += LZ4F_compressEnd(c, packed.data() + n, packed.size() - n, nullptr);
  LZ4F_freeCompressionContext(c);
  packed.resize(n);
  return packed;
}

std::vector<Sample> Samples() {
  const Sample warc = Make("warc", false, false, false, Whole);
  const Sample arc = Make("arc", false, false, true, Whole);
  const Sample jsonl = Make("jsonl", false, true, false, Whole);
  const std::string dictionary = TrainedDictionary();
  Sample with_dictionary =
      Make("warc.zst, dictionary", true, false, false,
           [&](std::string_view r) { return Zstd(r, dictionary); });
  const std::string frame = Skippable(0x184D2A5D, Zstd(dictionary));
  with_dictionary.bytes.insert(0, frame);
  for (size_t& start : with_dictionary.starts) start += frame.size();
  return {warc,
          arc,
          jsonl,
          Make("warc.gz", true, false, false, Pack6),
          Make("warc.gz, stored", true, false, false,
               [](std::string_view r) { return Gzip(r, 0); }),
          Make("arc.gz", true, false, true, Pack6),
          Make("warc.zst", true, false, false, PackZ),
          with_dictionary,
          Make("warc.lz4", true, false, false, Lz4),
          Make("jsonl.gz, line per member", true, true, false, Pack6),
          PackWhole("warc.gz, one member", warc, Pack6),
          PackWhole("warc.gz, members across records", warc, GzipInSlices),
          PackWhole("warc.zst, one frame", warc, PackZ),
          PackWhole("warc.lz4, one frame", warc, Lz4),
          PackWhole("warc.zst, one frame of many blocks", warc, ZstdInBlocks),
          PackWhole("warc.lz4, one frame of many blocks", warc, Lz4InBlocks),
          PackWhole("jsonl.zst, many blocks", jsonl, ZstdInBlocks),
          PackWhole("jsonl.lz4, many blocks", jsonl, Lz4InBlocks),
          PackWhole("arc.gz, one member", arc, Pack6),
          PackWhole("jsonl.gz", jsonl, Pack6),
          PackWhole("jsonl.gz, members across lines", jsonl, GzipInSlices),
          PackWhole("jsonl.zst", jsonl, PackZ),
          PackWhole("jsonl.lz4", jsonl, Lz4)};
}

bool Same(const ReadBack& a, const ReadBack& b) {
  bool same =
      a.uris == b.uris && a.bodies == b.bodies && a.offsets == b.offsets &&
      a.stored == b.stored && a.stats.used_bytes == b.stats.used_bytes &&
      a.stats.padding_bytes == b.stats.padding_bytes &&
      a.stats.dropped == b.stats.dropped && a.issues.size() == b.issues.size();
  for (size_t i = 0; same && i < a.issues.size(); ++i) {
    same = a.issues[i].message == b.issues[i].message &&
           a.issues[i].dropped_bytes == b.issues[i].dropped_bytes;
  }
  return same;
}

BOOST_AUTO_TEST_CASE(sound_samples_are_read_whole_in_pieces_of_every_size) {
  for (const Sample& sample : Samples()) {
    const ReadBack whole = ReadShard(sample.bytes);
    BOOST_TEST_CONTEXT(sample.name) {
      BOOST_TEST(whole.names() == "0 1 2 3 4 5 6 7 8");
      BOOST_TEST(whole.bodies == sample.bodies);
      BOOST_TEST(whole.stats.dropped.empty());
      for (size_t n = 1; n < sample.bytes.size(); n += 1 + n / 8) {
        BOOST_TEST(Same(whole, ReadShard(sample.bytes, {}, n)));
      }
    }
  }
}

// One kind of damage at one place, by a seeded draw.
std::string Damage(const Sample& sample, std::mt19937_64& random, size_t* from,
                   size_t* to) {
  std::string bytes = sample.bytes;
  const size_t at = random() % bytes.size();
  *from = at;
  *to = at + 1;
  switch (random() % 6) {
    case 0:
      *to = bytes.size();
      bytes.resize(at);
      break;
    case 1:
    case 2:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
      break;
    case 3:
      bytes[at] = static_cast<char>(random());
      break;
    case 4:  // some bytes are lost
      *to = std::min(at + 1 + random() % 40, bytes.size());
      bytes.erase(at, *to - at);
      break;
    default: {  // some bytes are put in
      std::string junk;
      for (uint64_t n = 1 + random() % 40; n > 0; --n) {
        junk += static_cast<char>(random());
      }
      bytes.insert(at, junk);
      break;
    }
  }
  return bytes;
}

// How far zlib gets in gzip members that are cut off at `size`.
size_t InflatedBytes(std::string_view bytes, size_t size) {
  z_stream stream{};
  inflateInit2(&stream, 31);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(size);
  size_t total = 0;
  std::vector<Bytef> out(1 << 16);
  for (int code = Z_OK; code == Z_OK && stream.avail_in > 0;) {
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    code = inflate(&stream, Z_SYNC_FLUSH);
    total += out.size() - stream.avail_out;
    if (code == Z_STREAM_END) code = inflateReset(&stream);
  }
  inflateEnd(&stream);
  return total;
}

// The bytes of the blocks of a zstd or LZ4 frame that end within `size`: those
// libraries give a block whole or not at all.
size_t ZstdBlockBytes(std::string_view bytes, size_t size) {
  ZSTD_DCtx* const d = ZSTD_createDCtx();
  std::vector<char> out(1 << 14);
  ZSTD_inBuffer in{bytes.data(), size, 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  BOOST_REQUIRE(!ZSTD_isError(ZSTD_decompressStream(d, &to, &in)));
  ZSTD_freeDCtx(d);
  return to.pos;
}

size_t Lz4BlockBytes(std::string_view bytes, size_t size) {
  LZ4F_dctx* d = nullptr;
  LZ4F_createDecompressionContext(&d, LZ4F_VERSION);
  std::vector<char> out(1 << 14);
  size_t total = out.size();
  BOOST_REQUIRE(!LZ4F_isError(
      LZ4F_decompress(d, out.data(), &total, bytes.data(), &size, nullptr)));
  LZ4F_freeDecompressionContext(d);
  return total;
}

size_t BytesBefore(const Sample& sample, size_t damage) {
  if (sample.name.find(".zst") != std::string::npos) {
    return ZstdBlockBytes(sample.bytes, damage);
  }
  if (sample.name.find(".lz4") != std::string::npos) {
    return Lz4BlockBytes(sample.bytes, damage);
  }
  return InflatedBytes(sample.bytes, damage);
}

// Whether record `i` must be there when [from, to) of the sample is damaged.
bool MustSurvive(const Sample& sample, size_t i, size_t from, size_t to) {
  if (sample.starts.empty()) {
    // What the decompressor gives before it comes to the damage, and that a
    // record or line ends there, is to be had.
    return i + 1 < sample.decoded_ends.size() &&
           sample.decoded_ends[i + 1] <= BytesBefore(sample, from);
  }
  const size_t begin = sample.starts[i];
  const size_t end =
      i + 1 < sample.starts.size() ? sample.starts[i + 1] : sample.bytes.size();
  if (end <= from) {
    // A plain record's end is shown by what follows it.
    return sample.members || end < from || i + 1 == sample.starts.size();
  }
  if (begin < to) return false;  // hit
  if (sample.name == "warc.zst, dictionary" && from < sample.starts[0]) {
    return false;
  }
  // A plain record behind the damage may be taken for a part of the one before.
  return sample.members || i == 0 || sample.starts[i - 1] >= to;
}

void CheckDamage(const Sample& sample, const ReadBack& read, size_t from,
                 size_t to) {
  for (size_t i = 0; i < sample.bodies.size(); ++i) {
    if (!MustSurvive(sample, i, from, to)) continue;
    const std::string uri = fmt::format("http://example.org/{}", i);
    bool found = false;
    for (size_t k = 0; k < read.uris.size(); ++k) {
      found |= read.uris[k] == uri && read.bodies[k] == sample.bodies[i];
    }
    BOOST_TEST(found, "record " << i << " is lost; read " << read.names());
  }
}

BOOST_AUTO_TEST_CASE(damage_anywhere_costs_what_it_hits_and_no_more) {
  const char* const wanted = std::getenv("PEAKTEXT_DAMAGE_CASES");
  const uint64_t cases =
      wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 1500;
  const std::vector<Sample> samples = Samples();
  std::mt19937_64 random(4);
  for (uint64_t n = 0; n < cases; ++n) {
    const Sample& sample = samples[n % samples.size()];
    size_t from = 0;
    size_t to = 0;
    const std::string bytes = Damage(sample, random, &from, &to);
    BOOST_TEST_CONTEXT(fmt::format("case {}: {}, damaged from {} to {}", n,
                                   sample.name, from, to)) {
      const ReadBack read = ReadShard(bytes);
      CheckDamage(sample, read, from, to);
      if (n % 16 == 0) {
        BOOST_TEST(Same(read, ReadShard(bytes, {}, 1 + random() % 100)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_was_read_before_changes_nothing_in_a_damaged_frame) {
  // How far zstd comes in the first one depends on the room that it has.
  std::ifstream file(PEAKTEXT_SOURCE_DIR
                     "/tests/fuzz/corpus/jsonl/zstd_that_depends_on_room",
                     std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  BOOST_REQUIRE(!bytes.empty());
  const std::string large = Zstd(WarcRecord("large", Words(1, 3 << 20)), {},
                                 true, /*content_size=*/false);
  const auto tell = [](const ReadBack& read) {
    std::string all = read.names();
    for (const ReadIssue& issue : read.issues) {
      all += " " + issue.reason + " " + issue.message;
    }
    return all;
  };
  std::mt19937_64 random(7);
  for (int i = 0; i < 50; ++i) {
    std::string fresh;
    std::thread([&] { fresh = tell(ReadShard(bytes)); }).join();
    BOOST_TEST(ReadShard(large).names() == "large");
    BOOST_TEST(tell(ReadShard(bytes)) == fresh);
    bytes = Zstd(WarcRecord("a", Words(2, 2000)));
    bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
  }
}

}  // namespace
}  // namespace peaktext
