#include "read/aws_credentials.h"

#include <fmt/core.h>

// Boost's reader of INI files (header only, libboost-dev).
#include <algorithm>
#include <boost/property_tree/ini_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <cstdlib>
#include <sstream>

#include "base/atomic_file.h"

namespace peaktext {
namespace {

constexpr uint64_t kFileLimitBytes = 4 << 20;

// Lines that belong to a key above them ("s3 =" and its indented settings) are
// of no use here, and Boost would take them for keys of the profile.
std::string WithoutIndented(const std::string& text) {
  std::string kept;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(' ') && !line.starts_with('\t')) kept += line;
    kept += '\n';  // line numbers stay
  }
  return kept;
}

// A missing file has no profiles.
Result<AwsProfiles> ReadProfiles(const std::string& path) {
  const Result<std::string> text = ReadWholeFile(path, kFileLimitBytes);
  if (text) return ParseAwsProfiles(path, *text);
  if (text.error().code() == StatusCode::kNotFound) return AwsProfiles();
  return Fail(text.error());
}

std::string Find(const AwsProfiles& profiles, const std::string& profile,
                 const std::string& key) {
  const auto section = profiles.find(profile);
  if (section == profiles.end()) return {};
  const auto value = section->second.find(key);
  return value == section->second.end() ? std::string() : value->second;
}

std::optional<AwsCredentials> CredentialsOf(const AwsProfiles& profiles,
                                            const std::string& profile) {
  AwsCredentials credentials{Find(profiles, profile, "aws_access_key_id"),
                             Find(profiles, profile, "aws_secret_access_key"),
                             Find(profiles, profile, "aws_session_token")};
  if (credentials.access_key.empty() || credentials.secret_key.empty()) {
    return std::nullopt;
  }
  return credentials;
}

}  // namespace

EnvironmentLookup ProcessEnvironment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
}

Result<AwsProfiles> ParseAwsProfiles(std::string_view name,
                                     const std::string& text) {
  namespace pt = boost::property_tree;
  pt::ptree tree;
  std::istringstream stream(WithoutIndented(text));
  try {
    pt::read_ini(stream, tree);
  } catch (const pt::ini_parser_error& error) {
    return Fail(
        StatusCode::kInvalidArgument,
        fmt::format("{}: line {}: {}", name, error.line(), error.message()));
  }
  AwsProfiles profiles;
  for (const auto& [section, keys] : tree) {
    std::string profile = section;
    if (profile.starts_with("profile ")) {
      profile.erase(0, profile.find_first_not_of(' ', 8));
    }
    for (const auto& [key, value] : keys) {
      std::string lower = key;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      profiles[profile][lower] = value.data();
    }
  }
  return profiles;
}

Result<AwsSettings> LoadAwsSettings(const EnvironmentLookup& environment) {
  const std::string home = environment("HOME").value_or("");
  const std::string profile = environment("AWS_PROFILE").value_or("default");
  const Result<AwsProfiles> shared =
      ReadProfiles(environment("AWS_SHARED_CREDENTIALS_FILE")
                       .value_or(home + "/.aws/credentials"));
  if (!shared) return Fail(shared.error());
  const Result<AwsProfiles> config = ReadProfiles(
      environment("AWS_CONFIG_FILE").value_or(home + "/.aws/config"));
  if (!config) return Fail(config.error());

  AwsSettings settings;
  const auto access = environment("AWS_ACCESS_KEY_ID");
  const auto secret = environment("AWS_SECRET_ACCESS_KEY");
  if (access && secret) {
    settings.credentials = AwsCredentials{
        *access, *secret, environment("AWS_SESSION_TOKEN").value_or("")};
  } else {
    settings.credentials = CredentialsOf(*shared, profile);
    if (!settings.credentials) {
      settings.credentials = CredentialsOf(*config, profile);
    }
    if (!settings.credentials && environment("AWS_PROFILE")) {
      return Fail(StatusCode::kInvalidArgument,
                  fmt::format("AWS profile '{}' has no access key and secret "
                              "that this program can use",
                              profile));
    }
  }
  for (const std::string& region :
       {environment("AWS_REGION").value_or(""),
        environment("AWS_DEFAULT_REGION").value_or(""),
        Find(*config, profile, "region"), Find(*shared, profile, "region")}) {
    if (settings.region.empty()) settings.region = region;
  }
  return settings;
}

}  // namespace peaktext
