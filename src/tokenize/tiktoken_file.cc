#include "tokenize/tiktoken_file.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdint>
#include <string>
#include <vector>

namespace peaktext {
namespace {

// Appends what `text` stands for in base64 (RFC 4648, padded). False when it is
// not base64.
bool AppendBase64(std::string_view text, std::string* bytes) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > INT_MAX) {
    return false;
  }
  size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  // EVP_DecodeBlock takes '=' for zero bits wherever it stands, and drops
  // white space and '-' at the ends, which then shows in the length.
  if (text.substr(0, text.size() - padding).find('=') != text.npos) {
    return false;
  }
  const size_t before = bytes->size();
  const size_t decoded = text.size() / 4 * 3;
  bytes->resize(before + decoded);
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes->data() + before),
                      reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (length < 0 || static_cast<size_t>(length) != decoded) return false;
  bytes->resize(before + decoded - padding);
  return true;
}

// A token of a file whose lines are not in order of rank.
struct RankedToken {
  uint32_t rank;
  uint32_t index;
};

TokenList SortedByRank(const TokenList& tokens,
                       std::vector<RankedToken>* ranked) {
  std::sort(ranked->begin(), ranked->end(),
            [](const auto& a, const auto& b) { return a.rank < b.rank; });
  TokenList sorted;
  sorted.Reserve(tokens.size(), tokens.bytes().size());
  for (const RankedToken& token : *ranked) sorted.Append(tokens[token.index]);
  return sorted;
}

}  // namespace

Result<TokenList> ParseTiktokenFile(std::string_view bytes,
                                    std::string_view path) {
  TokenList tokens;
  tokens.Reserve(bytes.size() / 16, bytes.size() / 2);
  std::vector<RankedToken> ranked;
  ranked.reserve(bytes.size() / 16);
  bool ascending = true;
  std::string token;
  uint64_t line_number = 0;
  const auto fail = [&](std::string_view what) {
    return Fail(StatusCode::kUnsupported,
                fmt::format("{}: line {}: {}", path, line_number, what));
  };
  while (!bytes.empty()) {
    ++line_number;
    std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const size_t space = line.find(' ');
    if (space == line.npos) return fail("no space between token and rank");
    const std::string_view encoded = line.substr(0, space);
    // To Python no byte at all (Whisper's files have one): no text's token.
    if (encoded == "=") continue;
    token.clear();
    if (!AppendBase64(encoded, &token) || token.empty()) {
      return fail("the token is not base64");
    }
    uint32_t rank = 0;
    const char* end = line.data() + line.size();
    const auto [rest, error] =
        std::from_chars(line.data() + space + 1, end, rank);
    if (error != std::errc() || rest != end) {
      return fail("the rank is not a number");
    }
    if (!ranked.empty() && rank <= ranked.back().rank) ascending = false;
    ranked.push_back({rank, tokens.size()});
    tokens.Append(token);
  }
  if (ascending) return tokens;
  TokenList sorted = SortedByRank(tokens, &ranked);
  const auto twice = std::adjacent_find(
      ranked.begin(), ranked.end(),
      [](const auto& a, const auto& b) { return a.rank == b.rank; });
  if (twice != ranked.end()) {
    return Fail(StatusCode::kUnsupported,
                fmt::format("{}: rank {} stands twice", path, twice->rank));
  }
  return sorted;
}

}  // namespace peaktext
