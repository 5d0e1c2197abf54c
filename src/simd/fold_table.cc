#include "simd/fold_table.h"

namespace peaktext::fold_table {
namespace {
#include "simd/fold_table.inc"
}  // namespace

const uint8_t* const kBlocks = kFoldBlocks;
const uint16_t* const kActionOf = kFoldActionOf;
const int32_t* const kActions = kFoldActions;

}  // namespace peaktext::fold_table
