#include "extract/http_message.h"

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

namespace peaktext {
namespace {

std::string Unchunk(std::string body) {
  body.resize(DecodeChunkedInPlace(body));
  return body;
}

BOOST_AUTO_TEST_SUITE(http_message)

BOOST_AUTO_TEST_CASE(status_lines_of_all_kinds_are_read) {
  const struct {
    const char* line;
    int status;
  } cases[] = {
      {"HTTP/1.1 200 OK", 200},
      {"HTTP/1.1 200", 200},
      {"HTTP/1.0 404 Not Found", 404},
      {"HTTP/2 200 ", 200},
      {"http/1.1 301 Moved", 301},
      {"HTTP 200 OK", 200},
      {"HTTP/1.1  200  OK", 200},
      {"HTTP/1.1\t200\tOK", 200},
      {"ICY 200 OK", 200},
      {"200 OK", 200},
      {"HTTP/1.1 0 x", 0},
      {"HTTP/1.1 OK", 0},
      {"HTTP/1.1 2000 x", 0},
      {"HTTP/1.1", 0},
      {"HTTP/1.1 200OK", 200},
      {"HTTP/1.1 -200 OK", 0},
  };
  for (const auto& c : cases) {
    const std::string block = std::string(c.line) + "\r\nA: b\r\n\r\nbody";
    const HttpMessage message = ParseHttpMessage(block);
    BOOST_TEST(message.status == c.status, c.line);
    BOOST_TEST(message.has_status_line, c.line);
    BOOST_TEST(message.body == "body", c.line);
    BOOST_TEST(message.Field("a") == "b", c.line);
  }
}

BOOST_AUTO_TEST_CASE(line_ends_of_all_kinds_end_the_head) {
  for (const char* block :
       {"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody", "HTTP/1.1 200 OK\nA: b\n\nbody",
        "HTTP/1.1 200 OK\r\nA: b\n\r\nbody", "HTTP/1.1 200 OK\nA: b\r\n\nbody",
        "HTTP/1.1 200 OK\r\r\nA: b\r\r\n\r\r\nbody"}) {
    const HttpMessage message = ParseHttpMessage(block);
    BOOST_TEST(message.body == "body", block);
    BOOST_TEST(message.Field("A") == "b", block);
  }
}

BOOST_AUTO_TEST_CASE(a_folded_status_line_and_folded_fields_are_put_together) {
  const HttpMessage message = ParseHttpMessage(
      "HTTP/1.1\r\n 200 OK\r\nA: b;\r\n\tc\r\nD: e\r\n\r\nbody");
  BOOST_TEST(message.status == 200);
  BOOST_TEST(message.Field("A") == "b;\r\n\tc");
  BOOST_TEST(message.Field("D") == "e");
  BOOST_TEST(message.body == "body");
}

BOOST_AUTO_TEST_CASE(a_block_without_a_head_is_all_body) {
  for (const char* block : {"<html>", "", "just text", "\x89PNG\r\n\r\nx"}) {
    const HttpMessage message = ParseHttpMessage(block);
    BOOST_TEST(!message.has_head);
    BOOST_TEST(message.body == block);
  }
  const HttpMessage fields =
      ParseHttpMessage("Content-Type: text/html\r\n\r\n<p>");
  BOOST_TEST(fields.has_head);
  BOOST_TEST(!fields.has_status_line);
  BOOST_TEST(fields.Field("content-type") == "text/html");
  BOOST_TEST(fields.body == "<p>");
}

BOOST_AUTO_TEST_CASE(a_head_without_its_end_has_no_body) {
  const HttpMessage message =
      ParseHttpMessage("HTTP/1.1 200 OK\r\nA: b\r\nC: d");
  BOOST_TEST(message.body == "");
  BOOST_TEST(message.Field("c") == "d");
}

BOOST_AUTO_TEST_CASE(requests_have_a_head_and_no_status) {
  const HttpMessage message =
      ParseHttpMessage("GET /200 HTTP/1.1\r\nHost: x\r\n\r\nbody");
  BOOST_TEST(message.status == 0);
  BOOST_TEST(!message.has_status_line);
  BOOST_TEST(message.body == "body");
}

BOOST_AUTO_TEST_CASE(
    repeated_fields_are_joined_and_the_first_filled_one_counts) {
  const HttpMessage message = ParseHttpMessage(
      "HTTP/1.1 200 OK\r\nno colon\r\nX:\r\nX: gzip\r\nx : br\r\nXY: "
      "no\r\n\r\n");
  BOOST_TEST(message.Field("X") == "gzip");
  BOOST_TEST(message.JoinedField("X") == "gzip, br");
  BOOST_TEST(!message.HasField("Y"));
}

BOOST_AUTO_TEST_CASE(chunks_are_joined) {
  BOOST_TEST(Unchunk("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n") ==
             "hello world");
  BOOST_TEST(Unchunk("5\nhello\n0\n\n") == "hello");
  BOOST_TEST(Unchunk("5  \r\nhello\r\n0\r\n\r\n") == "hello");
  BOOST_TEST(Unchunk("5;a=b;c=\"d\"\r\nhello\r\n0;x\r\nTrailer: x\r\n\r\n") ==
             "hello");
  BOOST_TEST(Unchunk("00000A\r\n0123456789\r\n0\r\n\r\n") == "0123456789");
  BOOST_TEST(Unchunk("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n") ==
             "01234567890123456789");
  BOOST_TEST(Unchunk("0\r\n\r\n") == "");
  BOOST_TEST(Unchunk("") == "");
}

BOOST_AUTO_TEST_CASE(cut_chunks_give_what_there_is) {
  BOOST_TEST(Unchunk("5\r\nhel") == "hel");
  BOOST_TEST(Unchunk("5\r\nhello\r\n6\r\n wor") == "hello wor");
  BOOST_TEST(Unchunk("5\r\nhello\r\n6") == "hello");
  BOOST_TEST(Unchunk("5\r\nhello\r\n") == "hello");
  BOOST_TEST(Unchunk("FFFFFFFFFFFFFFFF\r\nhello") == "hello");
}

BOOST_AUTO_TEST_CASE(what_was_never_chunked_stays) {
  for (const char* body :
       {"<html>x</html>", "5", "hello", "ace of spades\n", "5 apples\r\n",
        "-5\r\nhello", "12345678901234567\r\nx", "\r\n5\r\nhello"}) {
    BOOST_TEST(Unchunk(body) == body);
  }
  // The first chunk is one, the rest is not.
  BOOST_TEST(Unchunk("5\r\nhello\r\n<p>not a chunk") == "hello<p>not a chunk");
  BOOST_TEST(Unchunk("5\r\nhello<p>\r\n") == "hello<p>\r\n");
}

BOOST_AUTO_TEST_CASE(any_body_survives_chunking_at_random) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 2000; ++round) {
    std::string body, chunked;
    for (size_t chunk = random() % 6; chunk > 0; --chunk) {
      std::string data(1 + random() % 40, '\0');
      for (char& c : data) c = static_cast<char>(random());
      char size[32];
      std::snprintf(size, sizeof size, random() % 2 ? "%zx" : "%zX",
                    data.size());
      chunked += std::string(size) + "\r\n" + data + "\r\n";
      body += data;
    }
    chunked += "0\r\n\r\n";
    BOOST_TEST(Unchunk(chunked) == body);
  }
}

BOOST_AUTO_TEST_CASE(chunked_is_recognised_unless_the_crawler_took_it_off) {
  const auto chunked = [](const std::string& fields) {
    return ParseHttpMessage("HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n")
        .IsChunked();
  };
  BOOST_TEST(chunked("Transfer-Encoding: chunked"));
  BOOST_TEST(chunked("transfer-encoding: gzip, Chunked"));
  BOOST_TEST(!chunked("X-Crawler-Transfer-Encoding: chunked"));
  BOOST_TEST(!chunked("Content-Length: 5"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext
