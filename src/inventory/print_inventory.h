// An inventory as tables for a person.
#pragma once

#include <string>

#include "base/counters.h"
#include "inventory/inventory.h"

namespace peaktext {

// Totals, then by language and by input, the largest first; of more than `rows`
// groups the rest is summed in one line.
std::string PrintInventory(const Inventory& inventory, size_t rows = 20);

// "dropped 3: 2 truncated, 1 bad length"; "dropped 0" for none. And how many
// inputs failed, if any did.
std::string LossSummary(const DropCounts& dropped, size_t inputs_failed);

// The last line on stderr: "kept 120 of 200 documents (60.0%), " and what was
// lost.
std::string InventorySummary(const Inventory& inventory);

}  // namespace peaktext
