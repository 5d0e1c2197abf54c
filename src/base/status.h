// Status and Result: how a call says that it failed.
//
// Three kinds of trouble, three ways: the call failed (open, config, disk
// full) -> Status / Result<T>; the input is damaged -> not an error, the reader
// drops the record and counts it in ReadStats; the program is wrong -> assert.
//
//   Result<std::string> text = ReadWholeFile(path);
//   if (!text) return text.error();
//   Use(*text);
//
// Result<T> is tl::expected (std::expected's names; g++ 12 has that only in
// C++23). A value of type Status returned from a function that gives Result<T>
// must be wrapped: `return Fail(StatusCode::kIo, "...")`.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>  // Debian libexpected-dev: std::expected before C++23.
#include <utility>

namespace peaktext {

enum class StatusCode {
  kOk,
  kNotFound,         // no such file, object, vocabulary
  kPermission,       // not allowed to read or write it
  kIo,               // reading, writing or the network failed
  kNoSpace,          // the disk is full
  kInvalidArgument,  // the caller's words are off (exit code 2)
  kUnsupported,      // understood, but this build or version cannot do it
  kCorrupt,          // a file of our own fails its checksum or its schema
  kUnavailable,      // a remote side is overloaded or blocks: later may work
  kCancelled,        // Ctrl-C or a stop token
};

// A code and one line for a person, naming file and offset where there are any.
class [[nodiscard]] Status {
 public:
  Status() = default;  // ok
  Status(StatusCode code, std::string message)
      : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::kOk; }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  StatusCode code_ = StatusCode::kOk;
  std::string message_;
};

template <class T>
using Result = tl::expected<T, Status>;

// The failing value of any Result<T>.
inline tl::unexpected<Status> Fail(StatusCode code, std::string message) {
  return tl::unexpected<Status>(Status(code, std::move(message)));
}
inline tl::unexpected<Status> Fail(Status status) {
  return tl::unexpected<Status>(std::move(status));
}

// The Status of a failed system call: `what` names call and file; the text of
// `error_number` (an errno) is added, and ENOSPC, ENOENT, EACCES get their
// codes.
Status SystemError(int error_number, std::string_view what);

}  // namespace peaktext
