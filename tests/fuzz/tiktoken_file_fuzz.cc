// Any bytes as a rank file: refused, or tokens that stay the same when they are
// written as a rank file and read again.
#include <fmt/format.h>
#include <openssl/evp.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tokenize/tiktoken_file.h"

namespace {

std::string Base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(length));
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const auto tokens = peaktext::ParseTiktokenFile(file, "fuzz");
  if (!tokens) return 0;
  std::string written;
  for (uint32_t i = 0; i < tokens->size(); ++i) {
    written += fmt::format("{} {}\n", Base64((*tokens)[i]), i);
  }
  const auto again = peaktext::ParseTiktokenFile(written, "fuzz");
  if (!again || again->bytes() != tokens->bytes() ||
      again->starts() != tokens->starts()) {
    std::abort();
  }
  return 0;
}
