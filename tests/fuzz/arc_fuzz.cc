// Shards of plain ARC: the seeds lead there, the content decides.
#include "shard_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return peaktext::FuzzShard(data, size);
}
