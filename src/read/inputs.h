// From what the user wrote to the list of shards: files, folders, globs, "-",
// http(s)://, s3:// prefixes, @lists and cc: references.
//
//   ExpandedInputs expanded = ExpandInputs(arguments, options);
//   for (const InputFailure& failure : expanded.failures) Complain(failure);
//   for (const std::string& input : expanded.inputs)
//     OpenSource(input, options);
//
// | argument | becomes |
// |---|---|
// | `-` | stdin |
// | a file | itself |
// | a folder | every regular file below it, sorted by path; hidden ones,
//   unfinished ones (NAME.tmp.NUMBER) and folders that a run of ours wrote are
//   left out, and a note says so |
// | a glob | what glob(3) finds, sorted; folders as above |
// | http(s)://... | itself |
// | s3://bucket/key | that object, else those below `key/`, else those whose
//   keys begin with `key`; sorted. One listing |
// | @list | the lines of a file, URL or stdin (`@-`), plain or gzip; see
//   path_list.h |
// | cc:CRAWL/KIND, cc:CRAWL/KIND[first:last] | lines of
//   crawl-data/CRAWL/KIND.paths.gz below SourceOptions::commoncrawl_base |
//
// The order is that of the arguments, and the same on every machine. An input
// named twice (also by another path or link to the same file) is kept once,
// with a note: it would count twice.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "read/source_options.h"

namespace peaktext {

// An argument, or a part of one, that gave no input.
struct InputFailure {
  std::string input;  // as written, or the part at fault
  Status status;      // kInvalidArgument where the words are off
};

struct ExpandedInputs {
  std::vector<std::string> inputs;
  std::vector<InputFailure> failures;  // the rest is in `inputs` all the same
  std::vector<std::string> notes;      // one line each, for a person
};

// Expands all arguments. Remote lists and listings are fetched here; shards are
// not touched.
ExpandedInputs ExpandInputs(std::span<const std::string> arguments,
                            const SourceOptions& options);

}  // namespace peaktext
