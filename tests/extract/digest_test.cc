#include "extract/digest.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "extract/records.h"

namespace peaktext {
namespace {

BOOST_AUTO_TEST_SUITE(digest)

// RFC 3174's and FIPS 180's "abc".
BOOST_AUTO_TEST_CASE(digests_are_checked_in_every_spelling) {
  const std::string abc = "abc";
  for (const char* labelled :
       {"sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
        "SHA1:vgmt4nsha2awvor6evyxqugcnsonbwe5",
        "sha-1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
        " sha1: VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5\r\n",
        "sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
        "sha1:A9993E364706816ABA3E25717850C26C9CD0D89D",
        "sha1:qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", "sha1:qZk-NkcGgWq6PiVxeFDCbJzQ2J0",
        "sha256:"
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "sha256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
        "sha256:XJ4BNP4PAHH6UQKBIDPF3LRCEOYAGYNDSYLXVHFUCD7WD4QACWWQ====",
        "md5:900150983cd24fb0d6963f7d28e17f72",
        "md5:kAFQmDzST7DWlj99KOF/cg=="}) {
    BOOST_TEST((CheckDigest(labelled, abc) == DigestVerdict::kOk), labelled);
    BOOST_TEST(
        (CheckDigest(labelled, std::string("abd")) == DigestVerdict::kWrong),
        labelled);
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_checked_says_so) {
  const std::string abc = "abc";
  BOOST_TEST((CheckDigest("", abc) == DigestVerdict::kNone));
  BOOST_TEST((CheckDigest("  ", abc) == DigestVerdict::kNone));
  BOOST_TEST(
      (CheckDigest("crc32:352441c2", abc) == DigestVerdict::kUnknownAlgorithm));
  BOOST_TEST((CheckDigest("VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", abc) ==
              DigestVerdict::kUnknownAlgorithm));
  for (const char* labelled :
       {"sha1:", "sha1:VGMT", "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE1",
        "sha1:a9993e364706816aba3e25717850c26c9cd0d89g",
        "md5:kAFQmDzST7DWlj99KOF/ch=="}) {
    BOOST_TEST((CheckDigest(labelled, abc) == DigestVerdict::kWrong), labelled);
  }
}

BOOST_AUTO_TEST_CASE(the_payload_is_the_body_as_stored_or_without_its_chunks) {
  OwnedRecord record = Response(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  record.header =
      "WARC-Payload-Digest: sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5\r\n";
  Record view = record.View();
  BOOST_TEST((VerifyDigests(view).payload == DigestVerdict::kOk));
  BOOST_TEST((VerifyDigests(view).block == DigestVerdict::kNone));

  record = Response("HTTP/1.1 200 OK\r\n\r\nabc");
  record.header =
      "warc-payload-digest: sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5\r\n";
  view = record.View();
  BOOST_TEST((VerifyDigests(view).payload == DigestVerdict::kOk));

  record.body += "x";
  view = record.View();
  BOOST_TEST((VerifyDigests(view).payload == DigestVerdict::kWrong));
  view.type = "revisit";  // speaks of the record that it repeats
  BOOST_TEST((VerifyDigests(view).payload == DigestVerdict::kNone));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext
