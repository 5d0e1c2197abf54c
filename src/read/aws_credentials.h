// Who we are to S3: keys and region, from the places that AWS's own tools read.
//
//   Result<AwsSettings> settings = LoadAwsSettings(EnvironmentLookup());
//
// The order, first found wins: AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY
// (and AWS_SESSION_TOKEN); the profile AWS_PROFILE (else "default") of
// AWS_SHARED_CREDENTIALS_FILE (else ~/.aws/credentials); the same profile of
// AWS_CONFIG_FILE (else ~/.aws/config). The region: AWS_REGION,
// AWS_DEFAULT_REGION, the profile's. Single sign-on, credential_process and
// machine roles are not asked.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "read/sigv4.h"

namespace peaktext {

struct AwsSettings {
  std::optional<AwsCredentials> credentials;
  std::string region;  // empty: not set
};

// The value of an environment variable, nullopt where it is unset or empty.
using EnvironmentLookup =
    std::function<std::optional<std::string>(const char* name)>;
EnvironmentLookup ProcessEnvironment();

// Fails where a profile is asked for by name and is not there, or a file is
// there and cannot be read. No credentials at all are no failure.
Result<AwsSettings> LoadAwsSettings(const EnvironmentLookup& environment);

// Sections of an AWS profile file, keys in lower case; the config file's
// "[profile x]" is "x". Fails with kInvalidArgument naming `name` and the line.
using AwsProfiles = std::map<std::string, std::map<std::string, std::string>>;
Result<AwsProfiles> ParseAwsProfiles(std::string_view name,
                                     const std::string& text);

}  // namespace peaktext
