// Reads rows of a Parquet file: a column of text, and where they are there an
// id, a URL and a language (ReadOptions::text_field and its kin; "a.b" or
// "/a/b" is the field b of the group a). In file order.
//
// Columns are read page by page, so memory is a few pages and the row at hand;
// a page that claims more than max_record_bytes ends its row group. Row groups
// stand for themselves: one that is damaged costs its rows from the fault on
// ("corrupt"), the others are read. Without its footer (cut short) a Parquet
// file says nothing about its rows: all of it is dropped as "truncated".
//
// Of a record `type` is "row", `offset` and `decoded_offset` are the number of
// the row. Rows share pages, so no row has stored bytes of its own: a row
// without text ("missing_text") or with too much of it ("too_large") is dropped
// with 0 bytes.
//
// Needs Apache Arrow's C++ library at build time (see arrow.cmake); without it
// opening fails with kUnsupported and says so. Not thread-safe.
#pragma once

#include <memory>

#include "base/status.h"
#include "read/record_reader.h"
#include "read/stored_input.h"

namespace peaktext {

// REQUIRES: nothing of `input` was skipped yet. Fails where the source fails,
// and with kInvalidArgument where there is no such column of text.
Result<std::unique_ptr<RecordReader>> OpenParquetReader(
    std::unique_ptr<StoredInput> input, ReadOptions options);

Result<std::unique_ptr<RecordReader>> OpenParquetReader(
    std::unique_ptr<ByteSource> source, ReadOptions options);

// Whether this build reads Parquet, and what to say where it does not.
bool HasParquet();
inline constexpr char kNoParquet[] =
    "this build has no Parquet support; to get it, build with "
    "-DPEAKTEXT_ARROW=ON where CMake finds Apache Arrow (pip install pyarrow, "
    "or -DPEAKTEXT_PYARROW=DIR)";

}  // namespace peaktext
