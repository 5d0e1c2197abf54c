#include "pipelines/explain.h"

#include <fmt/core.h>

#include "base/json.h"
#include "base/text_table.h"
#include "pipelines/display_name.h"
#include "run_main.h"
#include "scan_flags.h"

namespace peaktext {
namespace {

struct ExplainFlags {
  std::string folder;
  std::string document;
  OutputFlags output;
};

std::string ToJson(const Explanation& why) {
  const bool kept = why.decision.verified == Evidence::kKept;
  JsonWriter json;
  json.StartObject();
  json.Member("schema", uint64_t{1});
  json.Member("number", why.number);
  json.Member("id", DisplayName(why.id));
  json.Member("input", DisplayName(why.input));
  json.Member("shingles", why.shingles);
  json.Key("kept");
  json.Bool(kept);
  json.Key("exact_copy");
  json.Bool(why.decision.exact_copy);
  if (!kept) {
    json.Member("survivor", DisplayName(why.survivor_id));
    json.Key("survivor_is_old");
    json.Bool(why.survivor_is_old);
    json.Key("similarity");
    json.Double(double{why.decision.similarity});
    json.Member("verified", EvidenceName(why.decision.verified));
    json.Key("sketch_similarity");
    json.Double(why.sketch_similarity);
    json.Key("text_similarity");
    json.Double(why.text_similarity);
    json.Key("shared_bands");
    json.StartArray();
    for (const uint32_t band : why.shared_bands) json.Uint64(band);
    json.EndArray();
  }
  json.Member("duplicates", why.duplicates);
  json.Key("duplicate_ids");
  json.StartArray();
  for (const std::string& id : why.duplicate_ids) json.String(DisplayName(id));
  json.EndArray();
  json.EndObject();
  return json.Take();
}

void PrintFate(const Explanation& why) {
  fmt::print("document    {}\nnumber      {}\ninput       {}\nshingles    {}\n",
             DisplayName(why.id), why.number, DisplayName(why.input),
             WithSeparators(why.shingles));
  if (why.decision.verified == Evidence::kKept) {
    fmt::print("fate        kept\nduplicates  {}\n",
               WithSeparators(why.duplicates));
    for (const std::string& id : why.duplicate_ids) {
      fmt::print("            {}\n", DisplayName(id));
    }
    return;
  }
  fmt::print("fate        removed{}\nsurvivor    {}{}\n",
             why.decision.exact_copy ? ", an exact copy" : "",
             DisplayName(why.survivor_id),
             why.survivor_is_old ? " (of an earlier run)" : "");
  fmt::print("similarity  {:.4f}, by {}\n", why.decision.similarity,
             EvidenceName(why.decision.verified));
  if (why.sketch_similarity >= 0) {
    fmt::print("  sketch    {:.4f}\n", why.sketch_similarity);
  }
  if (why.text_similarity >= 0) {
    fmt::print("  text      {:.4f}\n", why.text_similarity);
  }
  fmt::print("bands       {} of {} shared\n", why.shared_bands.size(),
             why.bands);
}

int RunExplain(const ExplainFlags& flags) {
  const Result<Explanation> why = Explain(flags.folder, flags.document);
  if (!why) return ReportFailure(why.error());
  if (flags.output.json) {
    fmt::print("{}\n", ToJson(*why));
  } else {
    PrintFate(*why);
  }
  return kExitDone;
}

}  // namespace

void AddExplainCommand(CLI::App& app, CommandContext& context) {
  ExplainFlags& flags = context.Keep<ExplainFlags>();
  CLI::App* command = AddCommand(
      app, context,
      {.name = "explain",
       .sentence = "Tells a document's fate: kept or removed, for which "
                   "survivor, on what evidence.",
       .assumes = "a folder of `run`, or of `scan` and `dedup`. Similarities "
                  "are measured anew from the sketches and the texts.",
       .memory = "two documents' texts.",
       .examples = {"peaktext explain out page.warc.gz#1042",
                    "peaktext explain out 17 --json"}},
      [&flags] { return RunExplain(flags); });
  command->add_option("DIR", flags.folder, "the folder of a run")
      ->required()
      ->type_name("");
  command
      ->add_option("DOC", flags.document,
                   "an id, as in documents.jsonl.zst, or a number")
      ->required()
      ->type_name("");
  AddJsonFlag(*command, flags.output);
}

}  // namespace peaktext
