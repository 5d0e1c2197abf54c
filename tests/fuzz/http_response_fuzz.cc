// A response record of any bytes through the whole of Extract: head, chunks,
// codings, charset, HTML, digests, language.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/utf8.h"
#include "extract/extractor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace peaktext;
  static Extractor extractor(
      {.verify_digests = true, .max_body_bytes = 4 << 20, .max_ratio = 200});
  std::string block(reinterpret_cast<const char*>(data), size);
  const std::string header =
      "WARC-Block-Digest: sha1:AAAA\r\nWARC-Payload-Digest: sha1:" +
      std::string(32, 'A') + "\r\n";
  Record record;
  record.type = "response";
  record.media_type = "application/http; msgtype=response";
  record.header = header;
  record.body = block;
  Document document;
  const ExtractOutcome outcome = extractor.Extract("fuzz", record, &document);
  if (outcome == ExtractOutcome::kDocument && !IsValidUtf8(document.text)) {
    std::abort();
  }
  return 0;
}
