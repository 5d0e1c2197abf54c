// A signature file is a block file (base/block_file.cc) of kind "PTSIGN",
// schema 2 (schema 1 had the same form, but MinHash values of another family of
// hashes, which compare with none of these). Numbers are little-endian. Its
// header:
//
//   4  bands · 4  rows · 4  words of a shingle · 4  bits of a band hash, 48
//   8  seed
//
// Documents come in groups of 4,096 rows (the last group may have fewer). A
// group of n rows is four blocks, each with n as its tag, one per column:
//
//   text hashes   16×n        low half (8) · high half (8)
//   band hashes   6×n×bands   band 0 of all rows, then band 1, …; zeros in a
//                             row without shingles
//   sketches      64×n
//   numbers       a zstd frame of 40×n bytes: shingles, first MinHash, bytes of
//                 text, date, priority, each as the lowest byte of all rows,
//                 then the next byte of all rows, …, so that high bytes, mostly
//                 zero or equal, take no room
//
// 80 + 6×bands bytes per document and what the numbers take, some 15 bytes.
#include "sketch/signature_file.h"

#include <fmt/core.h>
#include <zstd.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/little_endian.h"
#include "base/zstd_context.h"

namespace peaktext {
namespace {

constexpr char kKind[] = "PTSIGN";
constexpr uint32_t kSchema = 2;
constexpr size_t kHeaderBytes = 24;
constexpr size_t kBandBytes = kBandHashBits / 8;
constexpr size_t kNumbersPerRow = 5;
constexpr int kLevel = 1;

// Adds 8 planes of one byte per value.
template <class T>
void AppendPlanes(const std::vector<T>& values, std::string* planes) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    for (const T value : values) {
      planes->push_back(
          static_cast<char>(static_cast<uint64_t>(value) >> shift));
    }
  }
}

// Takes them back. REQUIRES: 8 * count bytes at `planes`.
template <class T>
void LoadPlanes(const char* planes, size_t count, std::vector<T>* values) {
  values->assign(count, 0);
  for (unsigned shift = 0; shift < 64; shift += 8) {
    for (T& value : *values) {
      value |=
          static_cast<T>(uint64_t{static_cast<uint8_t>(*planes++)} << shift);
    }
  }
}

std::string BandBytes(const std::vector<uint64_t>& by_row, size_t rows,
                      size_t bands) {
  std::string bytes(rows * bands * kBandBytes, '\0');
  char* out = bytes.data();
  for (size_t band = 0; band < bands; ++band) {
    for (size_t row = 0; row < rows; ++row, out += kBandBytes) {
      std::memcpy(out, &by_row[row * bands + band], kBandBytes);
    }
  }
  return bytes;
}

void LoadBands(const std::string& bytes, std::vector<uint64_t>* hashes) {
  const size_t count = bytes.size() / kBandBytes;
  hashes->resize(count);
  const char* from = bytes.data();
  // Two bytes of the next one are read too and masked away.
  for (size_t i = 0; i + 1 < count; ++i, from += kBandBytes) {
    (*hashes)[i] = LoadLittle<uint64_t>(from) & ((1ULL << kBandHashBits) - 1);
  }
  if (count > 0) {
    hashes->back() = 0;
    std::memcpy(&hashes->back(), from, kBandBytes);
  }
}

}  // namespace

Result<SignatureWriter> SignatureWriter::Create(
    std::string path, const SignatureOptions& options) {
  if (Status s = options.Check(); !s.ok()) return Fail(std::move(s));
  std::string header;
  AppendLittle(&header, options.bands);
  AppendLittle(&header, options.rows);
  AppendLittle(&header, options.shingle_words);
  AppendLittle(&header, uint32_t{kBandHashBits});
  AppendLittle(&header, options.seed);
  Result<BlockFileWriter> file =
      BlockFileWriter::Create(std::move(path), kKind, kSchema, header);
  if (!file) return Fail(std::move(file.error()));
  return SignatureWriter(std::move(*file), options.bands);
}

Status SignatureWriter::Append(const SignatureRow& row) {
  const Signature& signature = row.signature;
  assert(signature.band_hashes.size() == (signature.shingles > 0 ? bands_ : 0));
  block_.text_hashes.push_back(signature.text_hash);
  block_.band_hashes.insert(block_.band_hashes.end(),
                            signature.band_hashes.begin(),
                            signature.band_hashes.end());
  ++block_.rows;
  ++rows_;
  block_.band_hashes.resize(block_.rows * bands_);
  block_.sketches.push_back(signature.sketch);
  block_.shingles.push_back(signature.shingles);
  block_.first_minhashes.push_back(signature.first_minhash);
  block_.text_bytes.push_back(row.text_bytes);
  block_.dates_seconds.push_back(row.date_seconds);
  block_.priorities.push_back(row.priority);
  return block_.rows == kSignatureBlockRows ? WriteBlock() : Status();
}

Status SignatureWriter::WriteBlock() {
  const auto rows = static_cast<uint32_t>(block_.rows);
  std::string bytes;
  bytes.reserve(rows * sizeof(Hash128));
  for (const Hash128& hash : block_.text_hashes) {
    AppendLittle(&bytes, hash.low);
    AppendLittle(&bytes, hash.high);
  }
  if (Status s = file_.Append(bytes, rows); !s.ok()) return s;
  bytes = BandBytes(block_.band_hashes, rows, bands_);
  if (Status s = file_.Append(bytes, rows); !s.ok()) return s;
  const std::string_view sketches(
      reinterpret_cast<const char*>(block_.sketches.data()),
      rows * sizeof block_.sketches[0]);
  if (Status s = file_.Append(sketches, rows); !s.ok()) return s;
  bytes.clear();
  AppendPlanes(block_.shingles, &bytes);
  AppendPlanes(block_.first_minhashes, &bytes);
  AppendPlanes(block_.text_bytes, &bytes);
  AppendPlanes(block_.dates_seconds, &bytes);
  AppendPlanes(block_.priorities, &bytes);
  std::string stored(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress(stored.data(), stored.size(), bytes.data(),
                                    bytes.size(), kLevel);
  if (ZSTD_isError(size) != 0) {
    return {StatusCode::kIo, ZSTD_getErrorName(size)};
  }
  block_.Clear();
  return file_.Append({stored.data(), size}, rows);
}

Status SignatureWriter::Commit() {
  if (block_.rows > 0) {
    if (Status s = WriteBlock(); !s.ok()) return s;
  }
  return file_.Commit();
}

Result<SignatureReader> SignatureReader::Open(std::string path,
                                              PageCache cache) {
  Result<BlockFileReader> file =
      BlockFileReader::Open(std::move(path), kKind, kSchema, cache);
  if (!file) return Fail(std::move(file.error()));
  SignatureReader reader(std::move(*file));
  if (Status s = reader.CheckShape(); !s.ok()) return Fail(std::move(s));
  return reader;
}

// What the header and the index say must make sense before anything is read.
Status SignatureReader::CheckShape() {
  const std::string& header = file_.header();
  const auto corrupt = [&](std::string_view what) -> Status {
    return {StatusCode::kCorrupt, fmt::format("{}: {}", path(), what)};
  };
  if (header.size() != kHeaderBytes) return corrupt("header of another size");
  options_.bands = LoadLittle<uint32_t>(header.data());
  options_.rows = LoadLittle<uint32_t>(header.data() + 4);
  options_.shingle_words = LoadLittle<uint32_t>(header.data() + 8);
  options_.seed = LoadLittle<uint64_t>(header.data() + 16);
  if (Status s = options_.Check(); !s.ok()) return corrupt(s.message());
  if (LoadLittle<uint32_t>(header.data() + 12) != kBandHashBits) {
    return corrupt("band hashes of another size");
  }
  if (file_.blocks() % kColumnsPerBlock != 0) {
    return corrupt("a group of columns is not whole");
  }
  for (size_t i = 0; i < file_.blocks(); i += kColumnsPerBlock) {
    const uint64_t rows = file_.tag(i);
    const bool last = i + kColumnsPerBlock == file_.blocks();
    if (rows == 0 || rows > kSignatureBlockRows ||
        (!last && rows != kSignatureBlockRows)) {
      return file_.Corrupt(i, "a group with another number of rows");
    }
    if (file_.tag(i + 1) != rows || file_.tag(i + 2) != rows ||
        file_.tag(i + 3) != rows || file_.size_bytes(i) != 16 * rows ||
        file_.size_bytes(i + 1) != kBandBytes * options_.bands * rows ||
        file_.size_bytes(i + 2) != 64 * rows) {
      return file_.Corrupt(i, "columns of unlike length");
    }
    rows_ += rows;
  }
  return {};
}

void SignatureColumns::Clear() {
  first_row = 0;
  rows = 0;
  text_hashes.clear();
  band_hashes.clear();
  sketches.clear();
  shingles.clear();
  first_minhashes.clear();
  text_bytes.clear();
  dates_seconds.clear();
  priorities.clear();
}

Status SignatureReader::ReadBlock(size_t block, unsigned columns,
                                  SignatureColumns* values) const {
  assert(block < blocks());
  const size_t first = block * kColumnsPerBlock;
  values->Clear();
  values->first_row = block * kSignatureBlockRows;
  values->rows = file_.tag(first);
  std::string& bytes = values->bytes;
  if ((columns & kTextHashColumn) != 0) {
    if (Status s = file_.Read(first, &bytes); !s.ok()) return s;
    values->text_hashes.reserve(values->rows);
    for (const char* at = bytes.data(); at < bytes.data() + bytes.size();
         at += 16) {
      values->text_hashes.push_back(
          {LoadLittle<uint64_t>(at + 8), LoadLittle<uint64_t>(at)});
    }
  }
  if ((columns & kBandColumn) != 0) {
    if (Status s = file_.Read(first + 1, &bytes); !s.ok()) return s;
    LoadBands(bytes, &values->band_hashes);
  }
  if ((columns & kSketchColumn) != 0) {
    if (Status s = file_.Read(first + 2, &bytes); !s.ok()) return s;
    values->sketches.resize(values->rows);
    std::memcpy(values->sketches.data(), bytes.data(), bytes.size());
  }
  if ((columns & kNumberColumns) != 0) {
    return ReadNumbers(first + 3, values);
  }
  return {};
}

Status SignatureReader::ReadNumbers(size_t block,
                                    SignatureColumns* values) const {
  const std::string& bytes = values->bytes;
  if (Status s = file_.Read(block, &values->bytes); !s.ok()) return s;
  const size_t column_bytes = values->rows * sizeof(uint64_t);
  std::string& planes = values->planes;
  planes.resize(kNumbersPerRow * column_bytes);
  const ZstdContext context;
  const size_t size = ZSTD_decompressDCtx(
      context.get(), planes.data(), planes.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size) != 0 || size != planes.size()) {
    return file_.Corrupt(block, "numbers do not unpack to their size");
  }
  const char* from = planes.data();
  LoadPlanes(from, values->rows, &values->shingles);
  LoadPlanes(from + column_bytes, values->rows, &values->first_minhashes);
  LoadPlanes(from + 2 * column_bytes, values->rows, &values->text_bytes);
  LoadPlanes(from + 3 * column_bytes, values->rows, &values->dates_seconds);
  LoadPlanes(from + 4 * column_bytes, values->rows, &values->priorities);
  return {};
}

Status SignatureReader::Read(uint64_t first_row, uint64_t count,
                             std::vector<SignatureRow>* rows) const {
  assert(first_row + count <= rows_);
  rows->clear();
  rows->reserve(count);
  SignatureColumns block;
  while (rows->size() < count) {
    const uint64_t row = first_row + rows->size();
    if (Status s = ReadBlock(row / kSignatureBlockRows, kAllColumns, &block);
        !s.ok()) {
      return s;
    }
    const uint64_t end =
        std::min(block.rows, first_row + count - block.first_row);
    for (uint64_t i = row - block.first_row; i < end; ++i) {
      SignatureRow& out = rows->emplace_back();
      Signature& signature = out.signature;
      signature.text_hash = block.text_hashes[i];
      signature.shingles = block.shingles[i];
      signature.sketch = block.sketches[i];
      signature.first_minhash = block.first_minhashes[i];
      for (uint64_t band = 0; signature.shingles > 0 && band < options_.bands;
           ++band) {
        signature.band_hashes.push_back(
            block.band_hashes[band * block.rows + i]);
      }
      out.text_bytes = block.text_bytes[i];
      out.date_seconds = block.dates_seconds[i];
      out.priority = block.priorities[i];
    }
  }
  return {};
}

Status CheckCompatible(const SignatureReader& a, const SignatureReader& b) {
  const SignatureOptions& x = a.options();
  const SignatureOptions& y = b.options();
  if (x.Compatible(y)) return {};
  return {StatusCode::kInvalidArgument,
          fmt::format("{} has {} x {} bands of {}-word shingles, seed {}; {} "
                      "has {} x {} of {}, seed {}: not comparable",
                      a.path(), x.bands, x.rows, x.shingle_words, x.seed,
                      b.path(), y.bands, y.rows, y.shingle_words, y.seed)};
}

}  // namespace peaktext
