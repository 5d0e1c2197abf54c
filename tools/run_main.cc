#include "run_main.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <sstream>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>

#include "simd/isa.h"
#include "stderr_line.h"

namespace peaktext {
namespace {

// Takes those of the descriptors 0 to 2 that the caller has closed, so that no
// file that is opened later becomes stdin, stdout or stderr. Using them fails
// as before: they are open for the other direction.
bool TakeClosedDescriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
      return false;
    }
  }
  return true;
}

// Waits for SIGINT and SIGTERM in a thread of its own (sigwait: nothing has to
// be async-signal-safe). The first one asks for a stop where the command writes
// files and would leave half of one; the second, or the first of any other
// command, ends the process at once.
class SignalWatcher {
 public:
  // REQUIRES: called before any other thread starts, so that all inherit the
  // blocked signals.
  SignalWatcher() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    // A reader that went away and a file over `ulimit -f` are errors of
    // write(), seen where one writes.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
  }
  ~SignalWatcher() {
    if (!thread_.joinable()) return;
    pthread_kill(thread_.native_handle(), SIGUSR2);
    thread_.join();
  }
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

  void Start(bool stop_first) {
    thread_ = std::thread([this, stop_first] { Watch(stop_first); });
  }

  // The signal that asked for a stop; 0 when none did.
  int signal() const { return signal_; }

  // Ends the process the way the signal would have, so that a shell sees it.
  [[noreturn]] static void EndBy(int signal_number) {
    std::signal(signal_number, SIG_DFL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal_number);
    pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
    std::raise(signal_number);
    std::_Exit(128 + signal_number);
  }

 private:
  void Watch(bool stop_first) {
    while (true) {
      int number = 0;
      if (sigwait(&signals_, &number) != 0) continue;
      if (number == SIGUSR2) return;
      if (!stop_first || signal_ != 0) EndBy(number);
      signal_ = number;
      stop_.request_stop();
    }
  }

  sigset_t signals_;
  std::stop_source stop_;
  std::thread thread_;
  std::atomic<int> signal_ = 0;
};

constexpr std::string_view kExitCodes =
    "Exit codes: 0 done (damaged input is skipped, counted and reported);\n"
    "  1 the data could not be processed, or --strict and something was "
    "dropped;\n"
    "  2 wrong command line.";

int RunAction(const CommandContext& context) {
  try {
    const int code = context.action();
    FlushResults();
    return code;
  } catch (const std::system_error& error) {
    if (error.code().value() == EPIPE) return kExitDone;
    PrintError(error.what());
  } catch (const std::bad_alloc&) {
    PrintError("out of memory");
  } catch (const std::exception& error) {
    PrintError(error.what());
  }
  return kExitFailed;
}

}  // namespace

CLI::App* AddCommand(CLI::App& app, CommandContext& context,
                     const CommandHelp& help, std::function<int()> action) {
  CLI::App* command = app.add_subcommand(help.name, help.sentence);
  std::string footer =
      fmt::format("Note: {}\nMemory: {}\n{}\nExamples:", help.assumes,
                  help.memory, kExitCodes);
  for (const std::string& example : help.examples) {
    footer += "\n  " + example;
  }
  command->footer(footer);
  command->callback(
      [&context, action = std::move(action), writes_files = help.writes_files] {
        context.action = action;
        context.writes_files = writes_files;
      });
  return command;
}

void FlushResults() {
  if (std::fflush(stdout) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "write to standard output");
  }
}

void PrintError(std::string_view message) {
  PrintStderrLine(fmt::format("peaktext: {}", message));
}

int ReportFailure(const Status& status) {
  if (status.code() != StatusCode::kCancelled) PrintError(status.message());
  return status.code() == StatusCode::kInvalidArgument ? kExitUsage
                                                       : kExitFailed;
}

int RunMain(int argc, char** argv,
            std::span<const AddCommandFunction> commands) {
  if (!TakeClosedDescriptors()) return kExitFailed;
  SignalWatcher signals;
  CommandContext context;
  context.stop = signals.token();
  CLI::App app(
      "peaktext: how much unique text a web crawl holds, in exact tokens.",
      "peaktext");
  app.set_version_flag("--version", "peaktext " PEAKTEXT_VERSION);
  app.require_subcommand(1);
  app.footer("`peaktext COMMAND --help` says more of each.");
  for (const AddCommandFunction add : commands) add(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::stringstream said;  // with the user's words in it
    const int code = app.exit(error, std::cout, said);
    for (std::string line; std::getline(said, line);) PrintStderrLine(line);
    if (std::fflush(stdout) != 0 && errno != EPIPE) return kExitFailed;
    return code == 0 ? kExitDone : kExitUsage;
  }
  if (const Result<Isa> isa = ChooseIsa(); !isa) {
    return ReportFailure(isa.error());
  }
  signals.Start(context.writes_files);
  const int code = RunAction(context);
  if (signals.signal() != 0 && code != kExitDone) {
    std::fflush(nullptr);
    SignalWatcher::EndBy(signals.signal());
  }
  return code;
}

}  // namespace peaktext
