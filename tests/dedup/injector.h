// Texts with duplicates of known kinds, made by a seeded injector.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace peaktext::testing {

using Words = std::vector<std::string>;

inline std::string Join(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// A word for each number: letters only, for shingles take all digits as one.
inline std::string WordOf(uint64_t number) {
  std::string word = "w";
  do {
    word += static_cast<char>('a' + number % 26);
    number /= 26;
  } while (number > 0);
  return word;
}

// Texts over a vocabulary of some 20,000 made-up words with a Zipf-like
// distribution, and edits of them.
class Injector {
 public:
  explicit Injector(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t n) { return random_() % n; }
  double Share() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  std::string Word() {
    const double u = Share();
    return WordOf(static_cast<uint64_t>(20000 * u * u * u));
  }
  Words Text(size_t length) {
    Words words(length);
    for (std::string& word : words) word = Word();
    return words;
  }

  // Replaces, inserts and deletes words: a share `rate` of them.
  Words Edit(const Words& words, double rate) {
    Words edited;
    for (const std::string& word : words) {
      if (Share() >= rate) {
        edited.push_back(word);
        continue;
      }
      switch (Below(3)) {
        case 0:
          edited.push_back(Word());
          break;
        case 1:
          edited.push_back(word);
          edited.push_back(Word());
          break;
        default:
          break;
      }
    }
    return edited;
  }
  // Cuts into paragraphs of about 40 words and shuffles them.
  Words Reorder(const Words& words) {
    std::vector<Words> paragraphs;
    for (size_t at = 0; at < words.size();) {
      const size_t end = std::min(words.size(), at + 30 + Below(20));
      paragraphs.emplace_back(words.begin() + static_cast<long>(at),
                              words.begin() + static_cast<long>(end));
      at = end;
    }
    for (size_t i = paragraphs.size(); i > 1; --i) {
      std::swap(paragraphs[i - 1], paragraphs[Below(i)]);
    }
    Words all;
    for (const Words& paragraph : paragraphs) {
      all.insert(all.end(), paragraph.begin(), paragraph.end());
    }
    return all;
  }
  Words Surround(const Words& body, const Words& head, const Words& foot) {
    Words all = head;
    all.insert(all.end(), body.begin(), body.end());
    all.insert(all.end(), foot.begin(), foot.end());
    return all;
  }

 private:
  std::mt19937_64 random_;
};

// A corpus with duplicates of all kinds at all similarities.
inline std::vector<std::string> MixedCorpus(size_t documents, uint64_t seed) {
  Injector inject(seed);
  std::vector<Words> heads;
  std::vector<Words> feet;
  for (int i = 0; i < 8; ++i) {
    heads.push_back(inject.Text(10 + inject.Below(40)));
    feet.push_back(inject.Text(10 + inject.Below(40)));
  }
  std::vector<Words> texts;
  while (texts.size() < documents) {
    const Words* from =
        texts.empty() ? nullptr : &texts[inject.Below(texts.size())];
    const uint64_t kind = from == nullptr ? 0 : inject.Below(10);
    switch (kind) {
      case 4:
        texts.push_back(*from);
        break;
      case 5:
      case 6:
        texts.push_back(inject.Edit(*from, 0.15 * inject.Share()));
        break;
      case 7:
        texts.push_back(inject.Reorder(*from));
        break;
      case 8: {
        Words body = *from;
        texts.push_back(inject.Surround(body, heads[inject.Below(8)],
                                        feet[inject.Below(8)]));
        break;
      }
      case 9:
        texts.push_back(inject.Surround(inject.Text(20 + inject.Below(200)),
                                        heads[0], feet[0]));
        break;
      default:
        texts.push_back(inject.Text(
            inject.Below(50) == 0 ? inject.Below(6) : 20 + inject.Below(250)));
    }
  }
  std::vector<std::string> all;
  for (const Words& words : texts) all.push_back(Join(words));
  return all;
}

}  // namespace peaktext::testing
