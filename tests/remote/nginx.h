// A real nginx of its own for a test: on a free port of 127.0.0.1, in a
// temporary folder, ended with the object.
//
//   Nginx nginx;
//   if (!nginx.Start("location /down { return 503; }")) return;  // skipped
//   nginx.Write("a.gz", bytes);  ... nginx.url("a.gz") ...
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace peaktext {

// A line of the access log.
struct Access {
  double start = 0;  // seconds since 1970
  int status = 0;
  std::string path;
  std::string range;
  std::string if_range;
  std::string user_agent;
};

class Nginx {
 public:
  Nginx() = default;
  ~Nginx() { Stop(); }
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  // Starts with `locations` inside its server block; ROOT stands for the folder
  // of its files. False, loudly, where there is no nginx.
  bool Start(const std::string& locations = "");
  void Stop();
  // Again on the same port, with the same configuration.
  void Restart();

  // Ends all workers with SIGKILL: connections are cut; new workers follow.
  void CutConnections();
  // SIGSTOP and SIGCONT.
  void Freeze();
  void Thaw();

  void Write(const std::string& name, const std::string& bytes) const;
  std::string path(const std::string& name) const {
    return folder_.path("www/" + name);
  }
  std::string url(const std::string& name = "") const;
  // All requests answered so far. nginx writes a line when the answer is gone,
  // so a moment is given for `at_least` of them to come.
  std::vector<Access> Log(size_t at_least = 0) const;
  // Waits until a request of that kind has been answered.
  void WaitFor(const std::function<bool(const Access&)>& kind) const;

 private:
  bool Launch();
  void SignalWorkers(int signal) const;
  std::vector<Access> ReadLog() const;

  TemporaryFolder folder_;
  int port_ = 0;
  pid_t master_ = -1;
};

// A port of 127.0.0.1 that nobody listens on.
int FreePort();

// `size` bytes that look random and are the same each time.
std::string Noise(size_t size, unsigned seed = 1);

}  // namespace peaktext
