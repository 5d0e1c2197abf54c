#include "extract/date.h"

#include <array>
#include <chrono>
#include <cstddef>

namespace peaktext {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Year, month, day, hour, minute, second.
struct Field {
  size_t digits;
  int low, high, missing;
};
constexpr std::array<Field, 6> kFields = {{{4, 1, 9999, 0},
                                           {2, 1, 12, 1},
                                           {2, 1, 31, 1},
                                           {2, 0, 23, 0},
                                           {2, 0, 59, 0},
                                           {2, 0, 60, 0}}};

// "+hh:mm", "-hhmm", "+hh" at the start of `text`, in seconds; 0 when none.
int64_t ZoneSeconds(std::string_view text) {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  std::array<int, 4> digits = {0, 0, 0, 0};
  size_t count = 0;
  for (size_t i = 1; i < text.size() && count < digits.size(); ++i) {
    if (IsDigit(text[i])) {
      digits[count++] = text[i] - '0';
    } else if (text[i] != ':') {
      break;
    }
  }
  if (count != 2 && count != 4) return 0;
  const int64_t seconds =
      (digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60;
  return text[0] == '+' ? seconds : -seconds;
}

}  // namespace

int64_t ParseDate(std::string_view date) {
  std::array<int, 6> values{};
  size_t at = date.find_first_not_of(" \t");
  if (at == std::string_view::npos) return 0;
  size_t field = 0;
  for (; field < kFields.size(); ++field) {
    if (field > 0 && at < date.size() && !IsDigit(date[at])) {
      // One separator between fields; anything else ends the date.
      const std::string_view separators = field < 3    ? "-/"
                                          : field == 3 ? "Tt "
                                                       : ":";
      if (separators.find(date[at]) == std::string_view::npos) break;
      if (at + 1 >= date.size() || !IsDigit(date[at + 1])) break;
      ++at;
    }
    if (at + kFields[field].digits > date.size()) break;
    int value = 0;
    bool whole = true;
    for (size_t i = 0; i < kFields[field].digits; ++i) {
      whole = whole && IsDigit(date[at + i]);
      value = value * 10 + (date[at + i] - '0');
    }
    if (!whole) break;
    if (value < kFields[field].low || value > kFields[field].high) return 0;
    values[field] = value;
    at += kFields[field].digits;
  }
  if (field == 0) return 0;
  for (; field < kFields.size(); ++field)
    values[field] = kFields[field].missing;

  const std::chrono::year_month_day day{
      std::chrono::year(values[0]),
      std::chrono::month(static_cast<unsigned>(values[1])),
      std::chrono::day(static_cast<unsigned>(values[2]))};
  if (!day.ok()) return 0;
  const size_t fraction_end = date.find_first_not_of(".,0123456789", at);
  const int64_t zone = fraction_end == std::string_view::npos
                           ? 0
                           : ZoneSeconds(date.substr(fraction_end));
  const int64_t days = std::chrono::sys_days(day).time_since_epoch().count();
  return days * 86400 + int64_t{3600} * values[3] + int64_t{60} * values[4] +
         values[5] - zone;
}

}  // namespace peaktext
