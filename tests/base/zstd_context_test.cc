#include "base/zstd_context.h"

#include <zstd.h>

#include <boost/test/unit_test.hpp>
#include <string>
#include <thread>

namespace peaktext {
namespace {

std::string Compressed(const std::string& text) {
  std::string frame(ZSTD_compressBound(text.size()), '\0');
  frame.resize(
      ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), 1));
  return frame;
}

// The size of what a context makes of the frame, or 0.
size_t Decompressed(const ZstdContext& context, const std::string& frame,
                    size_t room) {
  std::string text(room, '\0');
  const size_t n = ZSTD_decompressDCtx(context.get(), text.data(), text.size(),
                                       frame.data(), frame.size());
  return ZSTD_isError(n) != 0 ? 0 : n;
}

BOOST_AUTO_TEST_SUITE(zstd_context)

BOOST_AUTO_TEST_CASE(a_context_comes_without_what_its_last_user_set) {
  const std::string text(300 << 10, 'x');
  const std::string frame = Compressed(text);
  const ZSTD_DCtx* first = nullptr;
  {
    const ZstdContext context;
    BOOST_REQUIRE(context.get() != nullptr);
    first = context.get();
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 10);
    ZSTD_DCtx_loadDictionary(context.get(), "dictionary", 10);
    BOOST_TEST(Decompressed(context, frame.substr(0, 9), 9) == 0U);
  }
  const ZstdContext context;
  BOOST_TEST(context.get() == first);
  BOOST_TEST(Decompressed(context, frame, text.size()) == text.size());
}

BOOST_AUTO_TEST_CASE(a_context_that_has_streamed_is_not_kept) {
  const std::string frame = Compressed(std::string(300 << 10, 'x'));
  size_t new_bytes = 0;
  {
    const ZstdContext context;
    new_bytes = ZSTD_sizeof_DCtx(context.get());
    std::string text(1000, '\0');
    ZSTD_inBuffer in{frame.data(), frame.size(), 0};
    ZSTD_outBuffer out{text.data(), text.size(), 0};
    BOOST_TEST(ZSTD_decompressStream(context.get(), &out, &in) > 0U);
    BOOST_TEST(ZSTD_sizeof_DCtx(context.get()) > new_bytes);
  }
  const ZstdContext context;
  BOOST_TEST(ZSTD_sizeof_DCtx(context.get()) == new_bytes);
}

BOOST_AUTO_TEST_CASE(two_at_a_time_and_threads_have_their_own) {
  const ZstdContext one;
  const ZstdContext two;
  BOOST_TEST(one.get() != two.get());
  std::thread([&] {
    const ZstdContext three;
    BOOST_TEST(three.get() != one.get());
    BOOST_TEST(three.get() != two.get());
  }).join();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace peaktext
