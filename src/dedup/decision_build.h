// The last step: what became of the rows, as decisions about all documents in
// order of their numbers.
#pragma once

#include "base/status.h"
#include "dedup/column_file.h"
#include "dedup/dedup_input.h"
#include "dedup/exact_groups.h"
#include "dedup/record_sorter.h"
#include "dedup/survivors.h"
#include "dedup/work_folder.h"

namespace peaktext {

// Writes options.decisions_path and fills in the report's counts of documents.
// `removals` is finished and read here.
Status WriteDecisions(const DedupInput& input, const DedupOptions& options,
                      const Columns& columns, const ExactGroups& exact,
                      RecordSorter<Removal>* removals, WorkFolder* folder,
                      DedupReport* report);

}  // namespace peaktext
