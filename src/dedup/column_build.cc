// With --keep=first the priority order is the order of the shards: pieces of
// about four million documents become a column file each, on several threads,
// and a run that was killed goes on at the first piece that is missing. Any
// other order takes one sort of whole rows.
//
// "column-list" names the files and is the marker of the step.
#include "dedup/column_build.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dedup/parallel.h"
#include "dedup/record_sorter.h"
#include "dedup/spill_file.h"
#include "sketch/signature_file.h"

namespace peaktext {
namespace {

constexpr uint64_t kPieceRows = 4 << 20;

struct Piece {
  std::vector<const DedupInput::Shard*> shards;
  bool old = false;
};

std::string PieceName(size_t piece) {
  return fmt::format("column-{:06}", piece);
}

// Consecutive shards, old ones first.
std::vector<Piece> PlanPieces(const DedupInput& input, bool with_new) {
  std::vector<Piece> pieces;
  for (const bool old : {true, false}) {
    if (!old && !with_new) break;
    uint64_t rows = 0;
    for (const DedupInput::Shard& shard : input.shards()) {
      if (shard.old != old) continue;
      if (pieces.empty() || pieces.back().old != old || rows >= kPieceRows) {
        pieces.push_back({{}, old});
        rows = 0;
      }
      pieces.back().shards.push_back(&shard);
      rows += shard.rows;
    }
  }
  return pieces;
}

// Calls take(number, block, row) for each row of the shard that takes part.
template <class Take>
Status ForEachRow(const DedupInput& input, const DedupInput::Shard& shard,
                  const ExactGroups& exact, const std::stop_token& stop,
                  Take take) {
  Result<SignatureReader> reader =
      SignatureReader::Open(shard.signature_path, PageCache::kPass);
  if (!reader) return reader.error();
  SignatureColumns rows;
  for (size_t block = 0; block < reader->blocks(); ++block) {
    if (stop.stop_requested()) {
      return {StatusCode::kCancelled, "dedup: cancelled"};
    }
    if (Status s = reader->ReadBlock(block,
                                     SignatureColumn::kBandColumn |
                                         SignatureColumn::kSketchColumn |
                                         SignatureColumn::kNumberColumns,
                                     &rows);
        !s.ok()) {
      return s;
    }
    for (uint64_t i = 0; i < rows.rows; ++i) {
      const uint64_t number = shard.first_number + rows.first_row + i;
      const bool out = shard.old ? !input.OldKept(number)
                                 : static_cast<bool>(exact.copies[number]);
      if (out || rows.shingles[i] == 0) continue;
      if (Status s = take(number, rows, i); !s.ok()) return s;
    }
  }
  return {};
}

void GatherBands(const SignatureColumns& rows, uint64_t row,
                 std::span<uint64_t> bands) {
  for (size_t band = 0; band < bands.size(); ++band) {
    bands[band] = rows.band_hashes[band * rows.rows + row];
  }
}

Status BuildPiece(const DedupInput& input, const Piece& piece,
                  const ExactGroups& exact, const std::stop_token& stop,
                  const std::string& path) {
  Result<ColumnWriter> writer = ColumnWriter::Create(path, input.bands());
  if (!writer) return writer.error();
  std::vector<uint64_t> bands(input.bands());
  for (const DedupInput::Shard* shard : piece.shards) {
    if (Status s = ForEachRow(
            input, *shard, exact, stop,
            [&](uint64_t number, const SignatureColumns& rows, uint64_t row) {
              GatherBands(rows, row, bands);
              return writer->Append(number, rows.sketches[row], bands);
            });
        !s.ok()) {
      return s;
    }
  }
  return writer->Commit();
}

template <size_t kBands>
struct OrderedRow {
  uint64_t order;
  uint64_t number;
  std::array<uint8_t, 64> sketch;
  std::array<uint64_t, kBands> bands;
  uint64_t SortKey() const { return order; }
  bool operator<(const OrderedRow& other) const {
    return order != other.order ? order < other.order : number < other.number;
  }
};

// New documents in any order, in one file.
template <size_t kBands>
Status BuildSorted(const DedupInput& input, const ExactGroups& exact,
                   const DedupOptions& options, WorkFolder* folder,
                   const std::string& path) {
  using Row = OrderedRow<kBands>;
  RecordSorter<Row> sorter(folder->path(), "rows", options.memory_bytes / 2);
  for (const DedupInput::Shard& shard : input.shards()) {
    if (shard.old) continue;
    if (Status s = ForEachRow(
            input, shard, exact, options.stop,
            [&](uint64_t number, const SignatureColumns& rows, uint64_t i) {
              Row row = {};
              row.order = OrderKey(options.keep, rows.text_bytes[i],
                                   rows.dates_seconds[i], rows.priorities[i]);
              row.number = number;
              row.sketch = rows.sketches[i];
              GatherBands(rows, i, std::span(row.bands).first(input.bands()));
              sorter.Add(row);
              return sorter.status();
            });
        !s.ok()) {
      return s;
    }
  }
  if (Status s = sorter.Finish(); !s.ok()) return s;
  Result<ColumnWriter> writer = ColumnWriter::Create(path, input.bands());
  if (!writer) return writer.error();
  Row row;
  while (sorter.Next(&row)) {
    if (Status s = writer->Append(row.number, row.sketch,
                                  std::span(row.bands).first(input.bands()));
        !s.ok()) {
      return s;
    }
  }
  if (!sorter.status().ok()) return sorter.status();
  Status committed = writer->Commit();
  folder->Measure();
  return committed;
}

Status BuildAll(const DedupInput& input, const ExactGroups& exact,
                const DedupOptions& options, WorkFolder* folder) {
  const bool in_order = options.keep == Keep::kFirst;
  const std::vector<Piece> pieces = PlanPieces(input, in_order);
  // A writer holds a group of rows; together half of the memory.
  const uint64_t writers = std::max<uint64_t>(
      1, options.memory_bytes / 2 / ColumnWriter::MemoryBytes(input.bands()));
  const auto threads =
      static_cast<unsigned>(std::min<uint64_t>(options.threads, writers));
  if (Status s = RunParallel(threads, pieces.size(), options.stop,
                             [&](size_t i, unsigned) -> Status {
                               if (folder->Has(PieceName(i))) return {};
                               return BuildPiece(input, pieces[i], exact,
                                                 options.stop,
                                                 folder->Path(PieceName(i)));
                             });
      !s.ok()) {
    return s;
  }
  size_t files = pieces.size();
  uint64_t old_files = 0;
  for (const Piece& piece : pieces) old_files += piece.old ? 1 : 0;
  if (!in_order) {
    const std::string path = folder->Path(PieceName(files++));
    const uint32_t bands = input.bands();
    Status s = bands <= 32
                   ? BuildSorted<32>(input, exact, options, folder, path)
                   : BuildSorted<256>(input, exact, options, folder, path);
    if (!s.ok()) return s;
  }
  Result<SpillWriter> list = SpillWriter::Create(folder->Path("column-list"));
  if (!list) return list.error();
  list->AppendVarint(files);
  list->AppendVarint(old_files);
  return list->Commit();
}

}  // namespace

Result<BuiltColumns> BuildColumns(const DedupInput& input,
                                  const ExactGroups& exact,
                                  const DedupOptions& options,
                                  WorkFolder* folder) {
  if (input.bands() > 256) {
    return Fail(StatusCode::kUnsupported,
                fmt::format("dedup: {} bands, at most 256", input.bands()));
  }
  if (!folder->Has("column-list")) {
    if (Status s = BuildAll(input, exact, options, folder); !s.ok()) {
      return Fail(s);
    }
  }
  Result<SpillReader> list = SpillReader::Open(folder->Path("column-list"));
  if (!list) return Fail(list.error());
  uint64_t files = 0;
  uint64_t old_files = 0;
  if (!list->ReadVarint(&files) || !list->ReadVarint(&old_files)) {
    return Fail(StatusCode::kCorrupt,
                folder->Path("column-list") + ": damaged");
  }
  BuiltColumns built;
  for (uint64_t i = 0; i < files; ++i) {
    if (Status s =
            built.columns.AddFile(folder->Path(PieceName(i)), input.bands());
        !s.ok()) {
      return Fail(s);
    }
    if (i + 1 == old_files) built.old_rows = built.columns.rows();
  }
  folder->Measure();
  return built;
}

}  // namespace peaktext
