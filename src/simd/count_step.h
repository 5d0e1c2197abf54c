// What the count kernels of AVX2 and AVX-512 share. Each includes this once, in
// a namespace of its own, with PEAKTEXT_TARGET, the functions' attributes,
// defined, and these, which know one pretoken or part of a batch:
//
//   constexpr size_t kPart;  // so many are asked together, 64 at most
//   using Sums = ...;        // words
//   uint64_t Sum(Sums sums);
//   // Of `count` pretokens from number `from` on, or of some more: for those
//   // kinds of Counts that they know a faster way for.
//   void MakeKeys(window, list, from, count, LookupBatch<Counts>* batch);
//   void MakeLines(counts, count, LookupBatch<Counts>* batch);
//   // Adds the tokens of pretokens of the batch, kPart at most, from number
//   // `from` up to `end`, and sends for as many of the next lines, one by one:
//   // no processor waits for more than some of them. Returns a bit for each
//   // that is found, the lowest for the first; bits beyond may be set, too.
//   uint64_t AddCounts(const LookupBatch<Counts>& batch,
//                      const uint32_t* next_lines, const char* entries,
//                      size_t from, size_t end, Sums* tokens);
//
// No include guard: see above.

template <class Counts>
PEAKTEXT_TARGET inline void MakeKeys(const char* window,
                                     const PretokenList& list, size_t from,
                                     size_t count, LookupBatch<Counts>* batch) {
  batch->MakeKeys(window, list, from, count);
}

template <class Counts>
PEAKTEXT_TARGET inline void MakeLines(const Counts& counts, size_t count,
                                      LookupBatch<Counts>* batch) {
  batch->MakeLines(counts, count);
}

// Sends for the lines of those of a batch that starts at number `from`.
template <class Counts>
PEAKTEXT_TARGET inline void Fetch(const char* window, const PretokenList& list,
                                  size_t from, const Counts& counts,
                                  LookupBatch<Counts>* batch) {
  if (from >= list.count) return;
  const size_t count = std::min(list.count - from, batch->kSize);
  MakeKeys(window, list, from, count, batch);
  MakeLines(counts, count, batch);
  if (from == 0) batch->Prefetch(counts, count);
}

template <class Counts>
PEAKTEXT_TARGET size_t Count(const char* window, const PretokenList& list,
                             const Counts& counts, uint64_t* tokens,
                             uint16_t* misses) {
  const auto* entries = reinterpret_cast<const char*>(counts.entries);
  const uint16_t* text_end = list.ends;
  Sums sums = {};  // of the text
  size_t missing = 0;
  LookupBatch<Counts> batches[2];
  LookupBatch<Counts>* batch = &batches[0];
  LookupBatch<Counts>* next = &batches[1];
  Fetch(window, list, 0, counts, batch);
  for (size_t from = 0; from < list.count; from += batch->kSize) {
    Fetch(window, list, from + batch->kSize, counts, next);
    const size_t size = std::min(list.count - from, batch->kSize);
    const uint32_t* const next_lines =
        list.count - from > batch->kSize ? next->lines : batch->lines;
    for (size_t part = 0, end; part < size; part = end) {
      while (*text_end == from + part) ++text_end;
      end = std::min({size, part + kPart, *text_end - from});
      const uint64_t wanted = ~uint64_t{0} >> (64 - (end - part));
      uint64_t lacks =
          wanted & ~AddCounts(*batch, next_lines, entries, part, end, &sums);
      for (; lacks != 0; lacks &= lacks - 1) {
        misses[missing++] = static_cast<uint16_t>(
            from + part + static_cast<size_t>(std::countr_zero(lacks)));
      }
      if (*text_end != from + end) continue;
      tokens[text_end - list.ends] += Sum(sums);
      sums = Sums{};
    }
    std::swap(batch, next);
  }
  return missing;
}
