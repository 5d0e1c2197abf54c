// Tells a person about faults in an input, without flooding the screen: the
// first few of each kind in full, then one line that says that more follow and
// are only counted.
//
// Not thread-safe: one per input.
#pragma once

#include <fmt/core.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "read/record_reader.h"

namespace peaktext {

class IssuePrinter {
 public:
  static constexpr unsigned kTold = 8;  // of each kind

  IssuePrinter(std::string_view input,
               const std::function<void(std::string_view)>& print)
      : input_(input), print_(print) {}

  void operator()(const ReadIssue& issue) {
    const unsigned told = told_[issue.reason]++;
    if (told < kTold) {
      print_(issue.message);
    } else if (told == kTold) {
      print_(
          fmt::format("{}: offset {}: more of this kind ({}) are only "
                      "counted",
                      input_, issue.offset, issue.reason));
    }
  }

 private:
  std::string input_;
  const std::function<void(std::string_view)>& print_;
  std::map<std::string, unsigned> told_;
};

}  // namespace peaktext
