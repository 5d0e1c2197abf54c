#include "read/record_reader.h"

#include <fmt/core.h>
#include <strings.h>

#include <utility>

#include "read/any_member_decoder.h"
#include "read/block_record_reader.h"
#include "read/buffer_sizes.h"
#include "read/jsonl_reader.h"
#include "read/parquet_reader.h"
#include "read/plain_decoder.h"
#include "read/record_stream.h"
#include "read/sniff.h"
#include "read/stored_input.h"
#include "read/text_reader.h"

namespace peaktext {
namespace {

constexpr size_t kSniffBytes = BufferBytes(64 << 10);

// The format of the first stretch that shows one. What is before it and shows
// none cannot be read as anything.
RecordFormat SniffStream(RecordStream* stream) {
  for (;;) {
    stream->Need(kSniffBytes);
    const RecordFormat format = SniffFormat(stream->view());
    if (format != RecordFormat::kText || stream->gap() == nullptr) {
      return format;
    }
    // The prefix of a damaged first member may show nothing.
    if (!stream->view().empty()) return SniffFormat(stream->PeekBehindGap());
    stream->CrossGap();
  }
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

std::string ReadOptions::OverLimit() const {
  return fmt::format("over the limit of {} bytes ({})", max_record_bytes,
                     limit_flag);
}

Result<std::unique_ptr<RecordReader>> OpenRecordReader(
    std::unique_ptr<ByteSource> source, ReadOptions options) {
  auto input = std::make_unique<StoredInput>(std::move(source));
  const Compression compression = SniffCompression(input.get());
  if (!input->status().ok()) return Fail(input->status());
  if (compression == Compression::kParquet) {
    return OpenParquetReader(std::move(input), std::move(options));
  }
  std::unique_ptr<Decoder> decoder =
      compression == Compression::kNone
          ? NewPlainDecoder(input.get())
          : NewAnyMemberDecoder(compression, input.get(), options.max_ratio);
  auto stream = std::make_unique<RecordStream>(
      std::move(input), std::move(decoder), compression == Compression::kNone,
      options);
  const RecordFormat format = SniffStream(stream.get());
  if (!stream->status().ok()) return Fail(stream->status());
  switch (format) {
    case RecordFormat::kWarc:
      return NewBlockRecordReader(std::move(stream), WarcSyntax());
    case RecordFormat::kArc:
      return NewBlockRecordReader(std::move(stream), ArcSyntax());
    case RecordFormat::kJsonl:
      return NewJsonlReader(std::move(stream));
    default:
      return NewTextReader(std::move(stream));
  }
}

std::string_view FindHeader(std::string_view header, std::string_view name) {
  size_t at = 0;
  while (at < header.size()) {
    size_t newline = header.find('\n', at);
    if (newline == std::string_view::npos) newline = header.size();
    const std::string_view line = header.substr(at, newline - at);
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      const std::string_view found = Trim(line.substr(0, colon));
      if (found.size() == name.size() &&
          ::strncasecmp(found.data(), name.data(), name.size()) == 0) {
        return Trim(line.substr(colon + 1));
      }
    }
    at = newline + 1;
  }
  return {};
}

}  // namespace peaktext
