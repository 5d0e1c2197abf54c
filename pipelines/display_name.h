// What a file, an id or an address is called in tables and JSON: its name as
// valid UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "base/utf8.h"

namespace peaktext {

inline std::string DisplayName(std::string_view name) {
  std::string display;
  AppendRepairedUtf8(name, &display);
  return display;
}

}  // namespace peaktext
