// The reader's memory: a few MB, and the largest record once.
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "read/shard_bytes.h"

namespace peaktext {
namespace {

uint64_t PeakBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

// A stream of `count` times `unit`, which never lies in memory whole.
class Repeated final : public ByteSource {
 public:
  Repeated(std::string first, std::string unit, uint64_t count,
           std::string last)
      : piece_(std::move(first)),
        unit_(std::move(unit)),
        count_(count),
        last_(std::move(last)) {}
  Result<size_t> Read(std::span<char> buffer) override {
    while (at_ == piece_.size()) {
      if (done_ > count_) return 0;
      piece_ = done_++ < count_ ? unit_ : last_;
      at_ = 0;
    }
    const size_t n = piece_.copy(buffer.data(), buffer.size(), at_);
    at_ += n;
    return n;
  }
  const std::string& name() const override { return name_; }

 private:
  std::string name_ = "stream";
  std::string piece_, unit_;
  uint64_t count_;
  std::string last_;
  uint64_t done_ = 0;
  size_t at_ = 0;
};

uint64_t CountRecords(std::unique_ptr<ByteSource> source,
                      ReadOptions options = {}) {
  auto reader = OpenRecordReader(std::move(source), std::move(options));
  BOOST_REQUIRE(reader);
  Record record;
  while ((*reader)->Next(&record)) {
  }
  return (*reader)->stats().records;
}

// Sanitizers keep freed memory: the bounds below hold without them only.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kBounded = false;
#else
constexpr bool kBounded = true;
#endif

void Expect(uint64_t grown, uint64_t limit) {
  if (kBounded) BOOST_TEST(grown <= limit);
}

BOOST_AUTO_TEST_CASE(long_streams_and_large_records_take_little) {
  const std::string unit = Words(1, 1 << 20);
  const std::string record = WarcRecord("r", unit.substr(0, 5000));
  uint64_t before = PeakBytes();
  const std::string member = Gzip(record);
  BOOST_TEST(CountRecords(std::make_unique<Repeated>(member, member, 50'000,
                                                     "")) == 50'001);
  BOOST_TEST(CountRecords(std::make_unique<Repeated>(record, record, 50'000,
                                                     "")) == 50'001);
  Expect(PeakBytes() - before, 16 << 20);

  // Over the limit: skipped without ever being held.
  before = PeakBytes();
  ReadOptions options;
  options.max_record_bytes = 8 << 20;
  const std::string header = WarcFields("large") + "Content-Length: " +
                             std::to_string(uint64_t{200} << 20) + "\r\n";
  BOOST_TEST(CountRecords(std::make_unique<Repeated>(
                              record + "WARC/1.0\r\n" + header + "\r\n", unit,
                              200, "\r\n\r\n" + record),
                          options) == 2);
  BOOST_TEST(CountRecords(std::make_unique<Repeated>(
                              "{\"text\":\"a\"}\n{\"text\":\"", Words(2, 1000),
                              200'000, "\"}\n{\"text\":\"b\"}\n"),
                          options) >= 2);
  Expect(PeakBytes() - before, 48 << 20);

  // A record is held once.
  before = PeakBytes();
  BOOST_TEST(CountRecords(std::make_unique<Repeated>(
                 record + "WARC/1.0\r\n" + header + "\r\n", unit, 200,
                 "\r\n\r\n" + record)) == 3);
  Expect(PeakBytes() - before, 220 << 20);
}

}  // namespace
}  // namespace peaktext
