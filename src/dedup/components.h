// The rule of components: all documents that hang together by duplicate pairs
// are one group, of which the first in priority order is kept. The field's
// usual rule; it glues unlike documents together along chains.
//
// In a bucket too large for all its pairs a document is compared with the first
// members and with its neighbours in order (band_join.h).
#pragma once

#include <stop_token>

#include "base/status.h"
#include "dedup/column_file.h"
#include "dedup/record_sorter.h"
#include "dedup/survivors.h"
#include "dedup/text_compare.h"
#include "dedup/work_folder.h"

namespace peaktext {

// Joins the documents of "edges" in `folder` and adds a removal for each but
// the first of its group. A removal's similarity is that of the two sketches of
// the pair it names, which need not be an edge.
// `texts` may be null when no edge needs them. Takes 4 bytes of memory a row, 8
// beyond 2^32 rows.
Status FindComponents(const Columns& columns, const EdgeRules& rules,
                      uint64_t old_rows, TextComparer* texts,
                      const WorkFolder& folder, const std::stop_token& stop,
                      RecordSorter<Removal>* removals);

}  // namespace peaktext
