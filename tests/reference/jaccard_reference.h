// The slow truth about similarity: sets of word shingles as strings, every pair
// compared. For texts of lower-case ASCII words between blanks, where the
// project's normalisation does nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace peaktext::reference {

// Each text's shingles as sorted numbers; equal shingles, equal numbers.
inline std::vector<std::vector<uint32_t>> ShingleSets(
    const std::vector<std::string>& texts, size_t words_per_shingle = 5) {
  std::map<std::string, uint32_t> numbers;
  std::vector<std::vector<uint32_t>> sets;
  for (const std::string& text : texts) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    std::vector<uint32_t> set;
    for (size_t i = 0; i + words_per_shingle <= words.size(); ++i) {
      std::string shingle;
      for (size_t k = 0; k < words_per_shingle; ++k) {
        shingle += words[i + k] + ' ';
      }
      set.push_back(
          numbers.emplace(shingle, static_cast<uint32_t>(numbers.size()))
              .first->second);
    }
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    sets.push_back(std::move(set));
  }
  return sets;
}

inline double Jaccard(const std::vector<uint32_t>& a,
                      const std::vector<uint32_t>& b) {
  if (a.empty() && b.empty()) return 1;
  size_t both = 0;
  for (size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    if (a[i] == b[k]) {
      ++both, ++i, ++k;
    } else {
      ++(a[i] < b[k] ? i : k);
    }
  }
  return static_cast<double>(both) /
         static_cast<double>(a.size() + b.size() - both);
}

struct SimilarPair {
  size_t a = 0;
  size_t b = 0;  // > a
  double jaccard = 0;
};

// All pairs with at least `least`, of documents that have shingles. Compares
// sizes first: J is at most the smaller over the larger.
inline std::vector<SimilarPair> SimilarPairs(
    const std::vector<std::vector<uint32_t>>& sets, double least) {
  std::vector<SimilarPair> pairs;
  for (size_t a = 0; a < sets.size(); ++a) {
    for (size_t b = a + 1; b < sets.size(); ++b) {
      const size_t small = std::min(sets[a].size(), sets[b].size());
      const size_t large = std::max(sets[a].size(), sets[b].size());
      if (small == 0 ||
          static_cast<double>(small) < least * static_cast<double>(large)) {
        continue;
      }
      const double jaccard = Jaccard(sets[a], sets[b]);
      if (jaccard >= least) pairs.push_back({a, b, jaccard});
    }
  }
  return pairs;
}

}  // namespace peaktext::reference
