#include "progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <condition_variable>
#include <utility>

#include "stderr_line.h"

namespace peaktext {
namespace {

constexpr std::chrono::milliseconds kRedraw(200);

std::string HumanTime(double seconds) {
  const auto whole = static_cast<uint64_t>(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

}  // namespace

std::string HumanBytes(uint64_t bytes) {
  constexpr std::array kUnits = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95,
                     kUnits[unit]);
}

Progress::Progress(bool wanted)
    : start_(std::chrono::steady_clock::now()),
      wanted_(wanted),
      visible_(wanted && ::isatty(STDERR_FILENO) == 1) {
  if (visible_) {
    painter_ =
        std::jthread([this](std::stop_token stop) { Run(std::move(stop)); });
  }
}

Progress::~Progress() {
  painter_.request_stop();
  if (painter_.joinable()) painter_.join();
  std::lock_guard lock(mutex_);
  Erase();
}

void Progress::StartStage(std::string_view name, uint64_t total_bytes) {
  std::lock_guard lock(mutex_);
  stage_ = name;
  total_bytes_ = total_bytes;
  done_bytes_ = 0;
  start_ = std::chrono::steady_clock::now();
}

void Progress::Message(std::string_view line) {
  std::lock_guard lock(mutex_);
  Erase();
  PrintStderrLine(fmt::format("peaktext: {}", line));
}

void Progress::Finish(std::string_view summary) {
  painter_.request_stop();
  if (painter_.joinable()) painter_.join();
  std::lock_guard lock(mutex_);
  Erase();
  PrintStderrLine(summary);
}

void Progress::Clear() {
  std::lock_guard lock(mutex_);
  Erase();
  stage_.clear();
}

void Progress::Erase() {
  if (drawn_) WriteStderr("\r\x1b[K");
  drawn_ = false;
}

void Progress::Draw() {
  const uint64_t done = done_bytes_.load(std::memory_order_relaxed);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_)
          .count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  std::string line = fmt::format("{}: {}", stage_, HumanBytes(done));
  if (total_bytes_ > 0) {
    line += fmt::format(" of {}", HumanBytes(total_bytes_));
  }
  line += fmt::format(", {}/s", HumanBytes(static_cast<uint64_t>(rate)));
  if (total_bytes_ > done && rate > 0) {
    line +=
        fmt::format(", {} left",
                    HumanTime(static_cast<double>(total_bytes_ - done) / rate));
  }
  WriteStderr(fmt::format("\r{}\x1b[K", line));
  drawn_ = true;
}

void Progress::Run(std::stop_token stop) {
  std::condition_variable_any tick;
  std::unique_lock lock(mutex_);
  while (!tick.wait_for(lock, stop, kRedraw,
                        [&] { return stop.stop_requested(); })) {
    if (!stage_.empty()) Draw();
  }
}

}  // namespace peaktext
