// The subcommands: each is one file, tools/NAME.cc, that declares its flags,
// help and action in one function of the table in main.cc.
//
//   void AddLsCommand(CLI::App& app, CommandContext& context) {
//     LsFlags& flags = context.Keep<LsFlags>();
//     CLI::App* command = AddCommand(app, context, {.name = "ls", ...},
//         [&] { return RunLs(flags, context); });
//     AddInputFlags(*command, flags.inputs);
//   }
//
// A new one: its line here, in the table in main.cc and in the sources of
// peaktext_program in CMakeLists.txt.
#pragma once

#include <CLI/CLI.hpp>  // Debian libcli11-dev
#include <any>
#include <deque>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace peaktext {

// Exit codes (the process ends by the signal itself when one interrupted it).
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  // the data could not be processed
inline constexpr int kExitUsage = 2;   // wrong command line

// What main() and the chosen subcommand share; lives as long as the program.
class CommandContext {
 public:
  // A value that lives as long as the context: a command's flags, which CLI11
  // fills while it parses.
  template <class T>
  T& Keep() {
    return std::any_cast<T&>(kept_.emplace_back(std::in_place_type<T>));
  }

  // Stops at the first Ctrl-C or SIGTERM, for commands whose help says that
  // they write files (CommandHelp::writes_files): they end soon and leave
  // nothing half-written. Other commands end at the signal itself.
  std::stop_token stop;

  // The chosen command's action: runs after the command line has been found
  // right, gives the exit code.
  std::function<int()> action;
  bool writes_files = false;

 private:
  std::deque<std::any> kept_;  // a deque: no value moves
};

// The words of a command's help; every one of them is shown.
struct CommandHelp {
  std::string name = {};
  std::string sentence = {};               // what it does
  std::string assumes = {};                // what it loses or assumes
  std::string memory = {};                 // how much it takes
  std::vector<std::string> examples = {};  // two
  bool writes_files = false;
};

// Adds the subcommand; `action` runs when the user chose it.
CLI::App* AddCommand(CLI::App& app, CommandContext& context,
                     const CommandHelp& help, std::function<int()> action);

using AddCommandFunction = void (*)(CLI::App& app, CommandContext& context);

void AddCountCommand(CLI::App& app, CommandContext& context);
void AddRunCommand(CLI::App& app, CommandContext& context);
void AddScanCommand(CLI::App& app, CommandContext& context);
void AddDedupCommand(CLI::App& app, CommandContext& context);
void AddInventoryCommand(CLI::App& app, CommandContext& context);
void AddExportCommand(CLI::App& app, CommandContext& context);
void AddExplainCommand(CLI::App& app, CommandContext& context);
void AddForecastCommand(CLI::App& app, CommandContext& context);
void AddLsCommand(CLI::App& app, CommandContext& context);
void AddVocabCommand(CLI::App& app, CommandContext& context);

}  // namespace peaktext
