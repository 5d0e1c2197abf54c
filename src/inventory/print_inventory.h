// An inventory as tables for a person.
#pragma once

#include <string>

#include "base/counters.h"
#include "inventory/inventory.h"

namespace peaktext {

// Totals, then by language and by input, the largest first; of more than `rows`
// groups the rest is summed in one line.
std::string PrintInventory(const Inventory& inventory, size_t rows = 20);

// "dropped 3: 2 truncated, 1 bad length"; "dropped 0" for none.
std::string DropSummary(const DropCounts& dropped);

// The last line on stderr: "kept 120 of 200 documents (60.0%), dropped 3: ...",
// and how many inputs failed, if any did.
std::string InventorySummary(const Inventory& inventory);

}  // namespace peaktext
