#include "read/aws_credentials.h"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <string>

#include "temporary_folder.h"

namespace peaktext {
namespace {

// A home folder with the two files, and an environment.
struct Home {
  TemporaryFolder folder;
  std::map<std::string, std::string> environment;

  Home(const std::string& credentials, const std::string& config) {
    std::ofstream(folder.path("credentials")) << credentials;
    std::ofstream(folder.path("config")) << config;
    environment["AWS_SHARED_CREDENTIALS_FILE"] = folder.path("credentials");
    environment["AWS_CONFIG_FILE"] = folder.path("config");
  }
  Result<AwsSettings> Load() const {
    return LoadAwsSettings(
        [this](const char* name) -> std::optional<std::string> {
          const auto found = environment.find(name);
          if (found == environment.end()) return std::nullopt;
          return found->second;
        });
  }
};

const std::string kCredentials =
    "# ours\n[default]\naws_access_key_id = A1\n"
    "aws_secret_access_key=S/1+=\n\n"
    "; theirs\n[other]\nAWS_Access_Key_ID=A2\naws_secret_access_key = S2\n"
    "aws_session_token = " +
    std::string(1500, 'T') + "\n";
const std::string kConfig =
    "[default]\nregion = eu-west-1\ns3 =\n  addressing_style = path\n"
    "\n[profile other]\nregion=ap-south-1\n[profile bare]\noutput=json\n";

BOOST_AUTO_TEST_SUITE(aws_credentials)

BOOST_AUTO_TEST_CASE(the_environment_comes_first) {
  Home home(kCredentials, kConfig);
  home.environment["AWS_ACCESS_KEY_ID"] = "A0";
  home.environment["AWS_SECRET_ACCESS_KEY"] = "S0";
  home.environment["AWS_SESSION_TOKEN"] = "T0";
  home.environment["AWS_REGION"] = "r0";
  home.environment["AWS_DEFAULT_REGION"] = "r1";
  const AwsSettings settings = home.Load().value();
  BOOST_TEST(settings.credentials->access_key == "A0");
  BOOST_TEST(settings.credentials->secret_key == "S0");
  BOOST_TEST(settings.credentials->session_token == "T0");
  BOOST_TEST(settings.region == "r0");
}

BOOST_AUTO_TEST_CASE(profiles_come_from_the_two_files) {
  Home home(kCredentials, kConfig);
  const AwsSettings settings = home.Load().value();
  BOOST_TEST(settings.credentials->access_key == "A1");
  BOOST_TEST(settings.credentials->secret_key == "S/1+=");
  BOOST_TEST(settings.region == "eu-west-1");
  home.environment["AWS_PROFILE"] = "other";
  const AwsSettings other = home.Load().value();
  BOOST_TEST(other.credentials->access_key == "A2");
  BOOST_TEST(other.credentials->session_token.size() == 1500u);
  BOOST_TEST(other.region == "ap-south-1");
}

BOOST_AUTO_TEST_CASE(keys_may_stand_in_the_config_file) {
  Home home("", "[default]\naws_access_key_id=A\naws_secret_access_key=S\n");
  BOOST_TEST(home.Load().value().credentials->access_key == "A");
}

BOOST_AUTO_TEST_CASE(no_files_and_no_keys_are_no_failure) {
  Home home("", "");
  home.environment["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent/x";
  home.environment["AWS_CONFIG_FILE"] = "/nonexistent/y";
  BOOST_TEST(!home.Load().value().credentials.has_value());
  BOOST_TEST(home.Load().value().region == "");
}

BOOST_AUTO_TEST_CASE(a_named_profile_without_keys_is_an_error) {
  Home home(kCredentials, kConfig);
  for (const char* profile : {"bare", "missing"}) {
    home.environment["AWS_PROFILE"] = profile;
    BOOST_TEST((home.Load().error().code() == StatusCode::kInvalidArgument));
  }
}

BOOST_AUTO_TEST_CASE(a_broken_file_is_named_with_its_line) {
  const auto broken = ParseAwsProfiles("F", "[a]\nx=1\nnonsense\n");
  BOOST_REQUIRE(!broken.has_value());
  BOOST_TEST(broken.error().message().find("F: line 3") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext
