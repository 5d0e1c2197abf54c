#include "read/inputs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace peaktext {
namespace {

using Strings = std::vector<std::string>;

// A folder with files in it, and what arguments expand to there.
struct Tree {
  TemporaryFolder folder;

  void Write(const std::string& name, const std::string& text = "x") {
    const std::filesystem::path path = folder.path(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  ExpandedInputs Expand(const Strings& arguments,
                        const std::string& base = "") const {
    SourceOptions options;
    if (!base.empty()) options.commoncrawl_base = base;
    return ExpandInputs(arguments, options);
  }
  Strings Paths(const Strings& names) const {
    Strings paths;
    for (const std::string& name : names) paths.push_back(folder.path(name));
    return paths;
  }
};

BOOST_AUTO_TEST_SUITE(inputs)

BOOST_AUTO_TEST_CASE(files_urls_and_stdin_stand_for_themselves_in_order) {
  Tree tree;
  tree.Write("b");
  tree.Write("a");
  const Strings arguments = {tree.folder.path("b"), "-", "https://h/x.gz",
                             tree.folder.path("a")};
  const ExpandedInputs expanded = tree.Expand(arguments);
  BOOST_TEST(expanded.inputs == arguments);
  BOOST_TEST(expanded.failures.empty());
  BOOST_TEST(expanded.notes.empty());
}

BOOST_AUTO_TEST_CASE(a_folder_is_its_files_sorted_at_any_depth) {
  Tree tree;
  for (const char* name : {"z", "d/10", "d/9", "d/e/f", "a", "d-1"}) {
    tree.Write(name);
  }
  const Strings expected =
      tree.Paths({"a", "d-1", "d/10", "d/9", "d/e/f", "z"});
  BOOST_TEST(tree.Expand({tree.folder.path()}).inputs == expected);
}

BOOST_AUTO_TEST_CASE(hidden_and_unfinished_files_are_left_out_and_noted) {
  Tree tree;
  for (const char* name : {"a", ".b", ".git/c", "d.tmp.17", "d.tmp.x"}) {
    tree.Write(name);
  }
  const ExpandedInputs expanded = tree.Expand({tree.folder.path()});
  BOOST_TEST(expanded.inputs == tree.Paths({"a", "d.tmp.x"}));
  BOOST_REQUIRE(expanded.notes.size() == 1u);
  BOOST_TEST(expanded.notes[0].find("left out 3") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_folder_that_we_wrote_is_left_out) {
  Tree tree;
  for (const char* name :
       {"a", "out/inventory.json", "out/documents.jsonl.zst", "out/more",
        "unfinished/plan.json", "unfinished/shards/000000.text"}) {
    tree.Write(name);
  }
  const ExpandedInputs expanded = tree.Expand({tree.folder.path()});
  BOOST_TEST(expanded.inputs == tree.Paths({"a"}));
  BOOST_TEST(expanded.notes.size() == 2u);
}

BOOST_AUTO_TEST_CASE(links_are_followed_and_loops_end) {
  Tree tree;
  tree.Write("d/a");
  tree.Write("elsewhere/b");
  std::filesystem::create_directory_symlink("..", tree.folder.path("d/up"));
  std::filesystem::create_directory_symlink("../elsewhere",
                                            tree.folder.path("d/link"));
  const ExpandedInputs expanded = tree.Expand({tree.folder.path("d")});
  BOOST_TEST(expanded.inputs.size() == 2u);
  BOOST_TEST(expanded.failures.empty());
}

BOOST_AUTO_TEST_CASE(an_input_named_twice_is_read_once) {
  Tree tree;
  tree.Write("a");
  tree.Write("b");
  std::filesystem::create_symlink("a", tree.folder.path("same"));
  const ExpandedInputs expanded = tree.Expand(
      {tree.folder.path("a"), tree.folder.path("./a"), tree.folder.path("same"),
       tree.folder.path(), "http://h/x", "http://h/x", "-", "-"});
  Strings expected = tree.Paths({"a", "b"});
  expected.push_back("http://h/x");
  expected.push_back("-");
  BOOST_TEST(expanded.inputs == expected);
  BOOST_TEST(expanded.notes.size() == 5u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_found_is_named_and_the_rest_goes_on) {
  Tree tree;
  tree.Write("a");
  std::filesystem::create_directory(tree.folder.path("empty"));
  const Strings bad = {tree.folder.path("missing"),
                       tree.folder.path("*.gz"),
                       tree.folder.path("empty"),
                       "ftp://h/x",
                       "",
                       "cc:nonsense",
                       "@" + tree.folder.path("no-list")};
  Strings arguments = bad;
  arguments.push_back(tree.folder.path("a"));
  const ExpandedInputs expanded = tree.Expand(arguments);
  BOOST_TEST(expanded.inputs == tree.Paths({"a"}));
  BOOST_REQUIRE(expanded.failures.size() == bad.size());
  for (size_t i = 0; i < bad.size(); ++i) {
    BOOST_TEST(expanded.failures[i].input == bad[i]);
    BOOST_TEST(!expanded.failures[i].status.ok());
  }
}

BOOST_AUTO_TEST_CASE(an_unreadable_folder_is_named_and_the_rest_goes_on) {
  if (::geteuid() == 0) {
    std::cerr << "SKIPPED: root reads every folder\n";
    return;
  }
  Tree tree;
  tree.Write("a/x");
  tree.Write("b/x");
  ::chmod(tree.folder.path("a").c_str(), 0);
  const ExpandedInputs expanded = tree.Expand({tree.folder.path()});
  ::chmod(tree.folder.path("a").c_str(), 0700);
  BOOST_TEST(expanded.inputs == tree.Paths({"b/x"}));
  BOOST_REQUIRE(expanded.failures.size() == 1u);
  BOOST_TEST(expanded.failures[0].input == tree.folder.path("a"));
  BOOST_TEST((expanded.failures[0].status.code() == StatusCode::kPermission));
}

BOOST_AUTO_TEST_CASE(globs_are_sorted_and_a_file_wins_over_its_pattern) {
  Tree tree;
  for (const char* name : {"b.gz", "a.gz", "c.txt", "[x]", "d/e.gz"}) {
    tree.Write(name);
  }
  BOOST_TEST(tree.Expand({tree.folder.path("*.gz")}).inputs ==
             tree.Paths({"a.gz", "b.gz"}));
  BOOST_TEST(tree.Expand({tree.folder.path("[x]")}).inputs ==
             tree.Paths({"[x]"}));
  BOOST_TEST(tree.Expand({tree.folder.path("?")}).inputs ==
             tree.Paths({"d/e.gz"}));
}

BOOST_AUTO_TEST_CASE(a_list_names_files_beside_it_and_urls) {
  Tree tree;
  tree.Write("sub/a");
  tree.Write("sub/d/b");
  tree.Write("sub/list", "# two\na\n\n./d/b\nhttps://h/x\r\ns3://b/k\nno\n");
  Strings expected = tree.Paths({"sub/a", "sub/d/b"});
  expected.push_back("https://h/x");
  expected.push_back("s3://b/k");
  const ExpandedInputs expanded =
      tree.Expand({"@" + tree.folder.path("sub/list")});
  BOOST_TEST(expanded.inputs == expected);
  BOOST_REQUIRE(expanded.failures.size() == 1u);
  BOOST_TEST(expanded.failures[0].input == tree.folder.path("sub/no"));
}

BOOST_AUTO_TEST_CASE(a_list_of_common_crawl_points_at_its_base) {
  Tree tree;
  tree.Write("wet.paths", "crawl-data/C/wet/0.gz\ncrawl-data/C/wet/1.gz\n");
  const std::string list = "@" + tree.folder.path("wet.paths");
  const Strings remote = {"http://mirror/crawl-data/C/wet/0.gz",
                          "http://mirror/crawl-data/C/wet/1.gz"};
  BOOST_TEST(tree.Expand({list}, "http://mirror").inputs == remote);
  BOOST_TEST(tree.Expand({list}).inputs.at(0) ==
             "https://data.commoncrawl.org/crawl-data/C/wet/0.gz");
  // Beside the list, or in the mirror that the list is part of: from there.
  const Strings shards = {"crawl-data/C/wet/0.gz", "crawl-data/C/wet/1.gz"};
  for (const std::string& shard : shards) tree.Write(shard);
  BOOST_TEST(tree.Expand({list}).inputs == tree.Paths(shards));
  tree.Write("crawl-data/C/wet.paths", shards[0] + "\n" + shards[1] + "\n");
  BOOST_TEST(
      tree.Expand({"@" + tree.folder.path("crawl-data/C/wet.paths")}).inputs ==
      tree.Paths(shards));
}

BOOST_AUTO_TEST_CASE(a_reference_takes_its_range_of_the_crawls_list) {
  Tree tree;
  std::string list;
  Strings shards;
  for (int i = 0; i < 12; ++i) {
    shards.push_back("crawl-data/C/wet/" + std::to_string(i));
    tree.Write(shards.back());
    list += shards.back() + "\n";
  }
  tree.Write("crawl-data/C/wet.paths.gz", list);
  const std::string base = tree.folder.path();
  BOOST_TEST(tree.Expand({"cc:C/wet[9:]"}, base).inputs ==
             tree.Paths({shards[9], shards[10], shards[11]}));
  BOOST_TEST(tree.Expand({"cc:C/wet"}, base + "/").inputs.size() == 12u);
  BOOST_TEST(tree.Expand({"cc:C/wet[5:5]"}, base).failures.size() == 1u);
  BOOST_TEST(tree.Expand({"cc:C/wat"}, base).failures.size() == 1u);
  const ExpandedInputs overlapping =
      tree.Expand({"cc:C/wet[0:2]", "cc:C/wet[1:3]"}, base);
  BOOST_TEST(overlapping.inputs.size() == 3u);
  BOOST_TEST(overlapping.notes.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext
