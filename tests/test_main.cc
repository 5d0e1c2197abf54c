// The main() of every test binary.
#define BOOST_TEST_MODULE peaktext
#include <boost/test/unit_test.hpp>
