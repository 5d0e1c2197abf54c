#include "flags.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace peaktext {
namespace {

// An option whose value is one of a few words.
template <class T>
void AddChoice(CLI::App& command, const std::string& name, T& value,
               const std::vector<std::pair<std::string, T>>& words,
               const std::string& description, const std::string& group) {
  std::string first;
  std::string list;
  for (const auto& [word, meaning] : words) {
    list += (list.empty() ? "" : "|") + word;
    if (meaning == value) first = word;
  }
  command.add_option(name, value, description)
      ->transform(CLI::CheckedTransformer(words).description(""))
      ->type_name(list)
      ->default_str(first)
      ->group(group);
}

}  // namespace

void AddInputFlags(CLI::App& command, InputFlags& flags) {
  command
      .add_option("INPUT", flags.inputs,
                  "a file, a folder, a glob, - (stdin), http(s)://..., "
                  "s3://..., @list, or cc:CC-MAIN-2026-43/wet[0:100]")
      ->required();
  SourceOptions& source = flags.source;
  const std::string group = "Remote inputs";
  command
      .add_option("--user-agent", source.user_agent,
                  "how to introduce ourselves; best with an address to reach "
                  "you at")
      ->group(group);
  command
      .add_option("--s3-endpoint", source.s3_endpoint,
                  "an S3 gateway other than AWS")
      ->group(group);
  command.add_flag("--s3-anonymous", source.s3_anonymous, "sign no S3 request")
      ->group(group);
  command
      .add_option("--commoncrawl-base", source.commoncrawl_base,
                  "where cc: inputs are found")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--max-connections", source.max_connections,
                  "connections per host at once")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--requests-per-second", source.requests_per_second,
                  "ceiling per host")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--stall-seconds", source.stall_seconds,
                  "reconnect when no byte came for so long")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--max-attempts", source.max_attempts,
                  "tries per input before giving it up")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
}

void AddReadFlags(CLI::App& command, ReadFlags& flags) {
  const std::string group = "Reading";
  command
      .add_option("--text-field", flags.read.text_field,
                  "key or JSON pointer of the text in JSON lines; Parquet "
                  "column")
      ->capture_default_str()
      ->group(group);
  command.add_option("--id-field", flags.read.id_field, "that of the id")
      ->capture_default_str()
      ->group(group);
  command.add_option("--url-field", flags.read.url_field, "that of the URL")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--language-field", flags.read.language_field,
                  "that of the language (default: none, it is detected)")
      ->group(group);
  command
      .add_option("--date-field", flags.read.date_field,
                  "that of the capture's date, for --keep=newest and oldest")
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--priority-field", flags.read.priority_field,
                  "that of a number, for --keep=priority (default: none)")
      ->group(group);
  AddSizeOption(command, "--max-record", flags.read.max_record_bytes,
                "a larger record is skipped and counted as too_large")
      ->group(group);
  command
      .add_option("--max-ratio", flags.read.max_ratio,
                  "what inflates to more times its size is a bomb: skipped")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command
      .add_flag("--verify-digests", flags.extract.verify_digests,
                "check WARC digests, count those that are wrong")
      ->group(group);
}

void AddSignatureFlags(CLI::App& command, SignatureOptions& options) {
  const std::string group = "Signatures";
  command
      .add_option("--bands", options.bands,
                  "bands of a signature: more find more pairs")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--rows", options.rows,
                  "MinHash values per band: more find fewer pairs")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--shingle-words", options.shingle_words,
                  "words of a shingle")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command.add_option("--seed", options.seed, "of the hash functions")
      ->capture_default_str()
      ->group(group);
}

void AddDedupFlags(CLI::App& command, DedupOptions& options) {
  const std::string group = "Duplicates";
  command
      .add_option("--threshold", options.threshold,
                  "Jaccard similarity of shingles from which on two documents "
                  "are near duplicates")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str()
      ->group(group);
  AddChoice(command, "--keep", options.keep,
            {{"first", Keep::kFirst},
             {"longest", Keep::kLongest},
             {"newest", Keep::kNewest},
             {"oldest", Keep::kOldest},
             {"priority", Keep::kPriority},
             {"priority-field", Keep::kPriority}},
            "which of two duplicates is kept; of equals the first in the "
            "input. newest, oldest: by --date-field or the WARC date; "
            "priority: the greatest --priority-field",
            group);
  AddChoice(command, "--grouping", options.grouping,
            {{"survivors", Grouping::kSurvivors},
             {"components", Grouping::kComponents}},
            "survivors: a document goes only for one that is kept and like it; "
            "components: one of each chain of likeness is kept",
            group);
  AddChoice(command, "--verify", options.verify,
            {{"auto", Verify::kAuto},
             {"none", Verify::kNone},
             {"sketch", Verify::kSketch},
             {"exact", Verify::kExact}},
            "how a candidate pair is proved: by 64-byte sketches, by both "
            "texts, by texts where sketches are unsure (auto), or not",
            group);
}

void AddPresetFlag(CLI::App& command, SignatureOptions& signature,
                   DedupOptions& dedup) {
  const auto apply = [&signature, &dedup](const std::string& name) {
    if (name == "fineweb") {
      signature.bands = SignatureOptions::Fineweb().bands;
      signature.rows = SignatureOptions::Fineweb().rows;
      dedup.grouping = Grouping::kComponents;
      dedup.verify = Verify::kNone;
    } else {
      signature.bands = SignatureOptions::Dolma3().bands;
      signature.rows = SignatureOptions::Dolma3().rows;
      dedup.verify = Verify::kExact;
    }
  };
  command
      .add_option_function<std::string>(
          "--preset", apply,
          "fineweb: 14 bands of 8, components, not verified; dolma3: 26 of 11, "
          "verified by text. Other flags win over it")
      ->check(CLI::IsMember({"fineweb", "dolma3"}))
      ->group("Duplicates");
}

void AddVocabFlags(CLI::App& command, std::vector<std::string>& vocabularies,
                   bool& added_tokens) {
  vocabularies = {"o200k_base"};
  command
      .add_option("--vocab", vocabularies,
                  "count tokens of this vocabulary; may be given again")
      ->capture_default_str()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("NAME")
      ->allow_extra_args(false);  // what follows the name is an INPUT
  command.add_flag("--added-tokens", added_tokens,
                   "count a vocabulary's added tokens (such as <|endoftext|>) "
                   "as one where they stand in the text, as Hugging Face's "
                   "tokenizers do; each document is then held whole");
}

void AddThreadsFlag(CLI::App& command, unsigned& threads) {
  threads = 0;
  command
      .add_option("--threads", threads,
                  "threads that work; 0 = one per core. Never changes what "
                  "comes out")
      ->check(CLI::Range(0U, 4096U))
      ->capture_default_str();
}

unsigned ThreadsOrCores(unsigned threads) {
  if (threads != 0) return threads;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

void AddMemoryFlag(CLI::App& command, uint64_t& memory_bytes) {
  AddSizeOption(command, "--memory", memory_bytes,
                "ceiling for all of it: caches, large records, dedup");
}

void AddJsonFlag(CLI::App& command, OutputFlags& flags) {
  command.add_flag("--json", flags.json, "print JSON instead of a table");
}

void AddProgressFlags(CLI::App& command, OutputFlags& flags) {
  command.add_flag("--no-progress", flags.no_progress,
                   "no progress line (there is none but on a terminal)");
  command.add_flag("--strict", flags.strict,
                   "exit code 1 when anything was dropped");
}

CLI::Option* AddSizeOption(CLI::App& command, const std::string& name,
                           uint64_t& bytes, const std::string& description) {
  return command.add_option(name, bytes, description)
      ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false))
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("SIZE");
}

}  // namespace peaktext
