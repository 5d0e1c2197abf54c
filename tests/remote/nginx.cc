#include "remote/nginx.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>
#include <thread>

namespace peaktext {
namespace {

constexpr const char* kProgram = "/usr/sbin/nginx";
constexpr const char* kConfiguration = R"(
daemon off;
worker_processes 2;
USER
pid FOLDER/nginx.pid;
error_log FOLDER/error.log;
events { worker_connections 256; }
http {
  default_type application/octet-stream;
  log_format t '$msec\t$request_time\t$status\t$request_uri\t$http_range\t$http_if_range\t$http_user_agent';
  access_log FOLDER/access.log t;
  client_body_temp_path FOLDER/tmp; proxy_temp_path FOLDER/tmp;
  fastcgi_temp_path FOLDER/tmp; uwsgi_temp_path FOLDER/tmp; scgi_temp_path FOLDER/tmp;
  limit_req_zone $server_name zone=two:1m rate=2r/s;
  server {
    listen 127.0.0.1:PORT sndbuf=64k;
    root FOLDER/www;
    LOCATIONS
  }
}
)";

void ReplaceAll(std::string* text, const std::string& from,
                const std::string& to) {
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos;
       at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

bool Listens(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int code =
      ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ::close(fd);
  return code == 0;
}

}  // namespace

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  BOOST_REQUIRE(
      ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

std::string Noise(size_t size, unsigned seed) {
  std::minstd_rand random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random() >> 8);
  return bytes;
}

bool Nginx::Start(const std::string& locations) {
  if (::access(kProgram, X_OK) != 0) {
    std::cerr << "SKIPPED: no " << kProgram << " (apt: nginx-light)\n";
    return false;
  }
  // Requests of the test go to no proxy.
  ::setenv("no_proxy", "127.0.0.1", 1);
  port_ = FreePort();
  for (const char* name : {"www", "tmp"}) {
    std::filesystem::create_directory(folder_.path(name));
  }
  std::string text = kConfiguration;
  ReplaceAll(&text, "LOCATIONS", locations);
  ReplaceAll(&text, "ROOT", "FOLDER/www");
  ReplaceAll(&text, "FOLDER", folder_.path());
  ReplaceAll(&text, "PORT", fmt::format("{}", port_));
  ReplaceAll(&text, "USER", ::geteuid() == 0 ? "user root;" : "");
  std::ofstream(folder_.path("nginx.conf")) << text;
  return Launch();
}

bool Nginx::Launch() {
  const std::string configuration = folder_.path("nginx.conf");
  const std::string log = folder_.path("start.log");
  master_ = ::fork();
  if (master_ == 0) {
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ::dup2(fd, STDOUT_FILENO);
    ::dup2(fd, STDERR_FILENO);
    ::execl(kProgram, kProgram, "-p", folder_.path().c_str(), "-c",
            configuration.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (int i = 0; i < 6000; ++i) {
    if (Listens(port_)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  std::ostringstream why;
  why << std::ifstream(log).rdbuf();
  BOOST_FAIL("nginx does not start: " << why.str());
  return false;
}

void Nginx::Stop() {
  if (master_ <= 0) return;
  Thaw();
  ::kill(master_, SIGTERM);
  ::waitpid(master_, nullptr, 0);
  master_ = -1;
}

void Nginx::Restart() {
  Stop();
  Launch();
}

void Nginx::SignalWorkers(int signal) const {
  // The master listens a moment before its workers are there.
  for (int i = 0; i < 6000; ++i) {
    std::ifstream children(
        fmt::format("/proc/{}/task/{}/children", master_, master_));
    int workers = 0;
    for (pid_t worker; children >> worker; ++workers) ::kill(worker, signal);
    if (workers == 2) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void Nginx::CutConnections() { SignalWorkers(SIGKILL); }
void Nginx::Freeze() { SignalWorkers(SIGSTOP); }
void Nginx::Thaw() { SignalWorkers(SIGCONT); }

void Nginx::Write(const std::string& name, const std::string& bytes) const {
  const std::filesystem::path file = path(name);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

std::string Nginx::url(const std::string& name) const {
  return fmt::format("http://127.0.0.1:{}/{}", port_, name);
}

std::vector<Access> Nginx::Log(size_t at_least) const {
  std::vector<Access> log = ReadLog();
  for (int i = 0; i < 6000 && log.size() < at_least; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    log = ReadLog();
  }
  return log;
}

void Nginx::WaitFor(const std::function<bool(const Access&)>& kind) const {
  for (int i = 0; i < 6000; ++i) {
    const std::vector<Access> log = ReadLog();
    if (std::any_of(log.begin(), log.end(), kind)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  BOOST_ERROR("no such request came");
}

std::vector<Access> Nginx::ReadLog() const {
  std::vector<Access> log;
  std::ifstream file(folder_.path("access.log"));
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::vector<std::string> parts;
    for (std::string part; std::getline(fields, part, '\t');) {
      parts.push_back(part);
    }
    if (parts.size() != 7) continue;
    log.push_back({std::stod(parts[0]) - std::stod(parts[1]),
                   std::stoi(parts[2]), parts[3], parts[4], parts[5],
                   parts[6]});
  }
  return log;
}

}  // namespace peaktext
