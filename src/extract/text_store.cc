// A text store is a block file (base/block_file.cc) of kind "PTTEXT", schema 2
// (schema 1 had zstd frames). Each block is a frame; its tag n is the number of
// texts that begin in it:
//
//     4  c, bytes of the content
//     …  the content as one LZ4 block
//
// The content:
//
//   4×n  bytes of each of these texts in this frame
//     …  the texts, end to end
//
// LZ4 packs English at 752 MB/s where zstd's level 1 makes 411, for half to two
// thirds more on disk: these files live as long as their run.
//
// A text of over 64 KiB has frames of its own: the first with n = 1, then as
// many with n = 0 as it takes, all content being text.
#include "extract/text_store.h"

#include <lz4.h>

#include <algorithm>
#include <cassert>

#include "base/little_endian.h"

namespace peaktext {
namespace {

constexpr char kKind[] = "PTTEXT";
constexpr uint32_t kSchema = 2;
constexpr size_t kFrameBytes = 64 << 10;
constexpr size_t kSizeBytes = sizeof(uint32_t);
// An ordinary frame ends before the text that would not fit: lengths and texts
// together are never more.
constexpr size_t kMaxContentBytes = kFrameBytes + 4;
// Of LZ4: a quarter faster than 1, for a seventh more bytes.
constexpr int kAcceleration = 4;

}  // namespace

struct TextStoreWriter::Compressor {
  std::vector<char> state =
      std::vector<char>(static_cast<size_t>(LZ4_sizeofState()));
  std::string content;
  std::string stored;
};

Result<TextStoreWriter> TextStoreWriter::Create(std::string path) {
  Result<BlockFileWriter> file =
      BlockFileWriter::Create(std::move(path), kKind, kSchema, "");
  if (!file) return Fail(std::move(file.error()));
  return TextStoreWriter(std::move(*file));
}

TextStoreWriter::TextStoreWriter(BlockFileWriter file)
    : file_(std::move(file)), compressor_(std::make_unique<Compressor>()) {}
TextStoreWriter::TextStoreWriter(TextStoreWriter&&) noexcept = default;
TextStoreWriter& TextStoreWriter::operator=(TextStoreWriter&&) noexcept =
    default;
TextStoreWriter::~TextStoreWriter() = default;

Status TextStoreWriter::Append(std::string_view text) {
  const size_t waiting = lengths_.size() + texts_.size();
  if (waiting + sizeof(uint32_t) + text.size() > kFrameBytes) {
    if (Status s = Flush(); !s.ok()) return s;
  }
  ++rows_;
  if (sizeof(uint32_t) + text.size() <= kFrameBytes) {
    AppendLittle(&lengths_, static_cast<uint32_t>(text.size()));
    texts_ += text;
    return {};
  }
  for (uint32_t starts = 1; !text.empty(); starts = 0) {
    const std::string_view piece = text.substr(0, kFrameBytes);
    if (starts == 1) {
      AppendLittle(&lengths_, static_cast<uint32_t>(piece.size()));
    }
    if (Status s = WriteFrame(piece, starts); !s.ok()) return s;
    text.remove_prefix(piece.size());
  }
  return {};
}

Status TextStoreWriter::Flush() {
  if (lengths_.empty()) return {};
  const auto rows = static_cast<uint32_t>(lengths_.size() / sizeof(uint32_t));
  Status status = WriteFrame(texts_, rows);
  texts_.clear();
  return status;
}

Status TextStoreWriter::WriteFrame(std::string_view text, uint32_t rows) {
  Compressor& c = *compressor_;
  c.content.assign(lengths_);
  c.content += text;
  lengths_.clear();
  const auto size = static_cast<int>(c.content.size());
  const int bound = LZ4_compressBound(size);
  c.stored.clear();
  AppendLittle(&c.stored, static_cast<uint32_t>(size));
  c.stored.resize(kSizeBytes + static_cast<size_t>(bound));
  const int stored = LZ4_compress_fast_extState(
      c.state.data(), c.content.data(), c.stored.data() + kSizeBytes, size,
      bound, kAcceleration);
  assert(stored > 0);  // there is room
  return file_.Append(
      {c.stored.data(), kSizeBytes + static_cast<size_t>(stored)}, rows);
}

Status TextStoreWriter::Commit() {
  if (Status s = Flush(); !s.ok()) return s;
  return file_.Commit();
}

Result<TextStoreReader> TextStoreReader::Open(std::string path) {
  Result<BlockFileReader> file =
      BlockFileReader::Open(std::move(path), kKind, kSchema);
  if (!file) return Fail(std::move(file.error()));
  if (file->blocks() > 0 && file->tag(0) == 0) {
    return Fail(file->Corrupt(0, "no text begins in the first frame"));
  }
  return TextStoreReader(std::move(*file));
}

TextStoreReader::TextStoreReader(BlockFileReader file)
    : file_(std::move(file)) {
  first_rows_.reserve(file_.blocks());
  for (size_t frame = 0; frame < file_.blocks(); ++frame) {
    first_rows_.push_back(rows_);
    rows_ += file_.tag(frame);
  }
}
Status TextStoreReader::Load(size_t frame) {
  if (frame == loaded_) return {};
  loaded_ = SIZE_MAX;
  if (Status s = file_.Read(frame, &stored_); !s.ok()) return s;
  const size_t size =
      stored_.size() < kSizeBytes ? 0 : LoadLittle<uint32_t>(stored_.data());
  if (size == 0 || size > kMaxContentBytes) {
    return file_.Corrupt(frame, "not a frame of this file's kind");
  }
  frame_.resize(size);
  const int got = LZ4_decompress_safe(
      stored_.data() + kSizeBytes, frame_.data(),
      static_cast<int>(stored_.size() - kSizeBytes), static_cast<int>(size));
  if (got < 0 || static_cast<size_t>(got) != size) {
    return file_.Corrupt(frame, "cannot be decompressed to its size");
  }
  const uint64_t rows = file_.tag(frame);
  uint64_t content = rows * sizeof(uint32_t);
  if (content > size) {
    return file_.Corrupt(frame, "shorter than its table of texts");
  }
  if (rows > 0) {
    for (uint64_t i = 0; i < rows; ++i) {
      content += LoadLittle<uint32_t>(frame_.data() + i * sizeof(uint32_t));
    }
    if (content != size) {
      return file_.Corrupt(frame, "texts and their table do not agree");
    }
  }
  loaded_ = frame;
  return {};
}

Status TextStoreReader::ReadPieces(
    uint64_t row, const std::function<bool(std::string_view)>& use) {
  assert(row < rows_);
  // The last frame that begins at or before the row; those after it with the
  // same number hold no beginning, but for the last of them.
  const auto after =
      std::upper_bound(first_rows_.begin(), first_rows_.end(), row);
  auto frame = static_cast<size_t>(after - first_rows_.begin()) - 1;
  if (Status s = Load(frame); !s.ok()) return s;
  const uint64_t index = row - first_rows_[frame];
  const uint64_t rows = file_.tag(frame);
  uint64_t begin = rows * sizeof(uint32_t);
  const char* const lengths = frame_.data();
  for (uint64_t i = 0; i < index; ++i) {
    begin += LoadLittle<uint32_t>(lengths + i * sizeof(uint32_t));
  }
  const uint64_t size =
      LoadLittle<uint32_t>(lengths + index * sizeof(uint32_t));
  if (!use({frame_.data() + begin, size})) return {};
  if (index + 1 < rows) return {};
  for (++frame; frame < file_.blocks() && file_.tag(frame) == 0; ++frame) {
    if (Status s = Load(frame); !s.ok()) return s;
    if (!use(frame_)) return {};
  }
  return {};
}

Status TextStoreReader::Read(uint64_t row, std::string* text) {
  text->clear();
  return ReadPieces(row, [text](std::string_view piece) {
    text->append(piece);
    return true;
  });
}

}  // namespace peaktext
