// Any bytes as an inventory.json: refused, or read and written again to the
// same inventory.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "inventory/inventory.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto inventory = peaktext::ParseInventory(json, "fuzz");
  if (!inventory) return 0;
  const std::string text = peaktext::InventoryToJson(*inventory);
  const auto again = peaktext::ParseInventory(text, "fuzz");
  if (!again || peaktext::InventoryToJson(*again) != text) std::abort();
  return 0;
}
