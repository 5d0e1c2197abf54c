// What a person sees on stderr while a command works: one line, redrawn, with
// bytes, rate and time left (on a terminal only), and messages above it.
//
//   Progress progress(flags.progress);
//   progress.StartStage("scan", total_bytes);
//   progress.Advance(bytes);              // any thread
//   progress.Message("a.gz: offset 7: truncated");
//   progress.Finish("kept 120 of 200 documents (60.0%)");
//
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace peaktext {

class Progress {
 public:
  // Draws the line only when `wanted` and stderr is a terminal.
  explicit Progress(bool wanted);
  // Takes the line off the screen.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // From now on Advance() counts towards `total_bytes`; 0 = not known.
  void StartStage(std::string_view name, uint64_t total_bytes);
  void Advance(uint64_t bytes) {
    done_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  // Sets what is done, for callers that know sums rather than steps.
  void Set(uint64_t bytes) {
    done_bytes_.store(bytes, std::memory_order_relaxed);
  }

  // Prints "peaktext: LINE", above the progress line.
  void Message(std::string_view line);
  // The same, unless no progress is wanted: nothing is wrong.
  void Note(std::string_view line) {
    if (wanted_) Message(line);
  }

  // Takes the progress line away until the next stage: results are printed.
  void Clear();

  // Takes the progress line away for good and prints the summary, the last
  // line on stderr, as it is.
  void Finish(std::string_view summary);

 private:
  void Draw();   // REQUIRES: mutex_ held
  void Erase();  // REQUIRES: mutex_ held
  void Run(std::stop_token stop);

  std::atomic<uint64_t> done_bytes_ = 0;
  std::mutex mutex_;
  std::string stage_;
  uint64_t total_bytes_ = 0;
  std::chrono::steady_clock::time_point start_;
  bool drawn_ = false;
  const bool wanted_;
  const bool visible_;
  std::jthread painter_;  // last: it uses all of the above
};

// "1.5 GB", "120 B": three figures, powers of ten.
std::string HumanBytes(uint64_t bytes);

}  // namespace peaktext
