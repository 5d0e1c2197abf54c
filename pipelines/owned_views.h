// Copies of what views show, one after the other in one place, and the views
// turned to them there.
//
//   AppendBytes<2>({&id, &url}, &bytes);   // more may follow
//   PointInto<2>({&id, &url}, bytes.data());
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace peaktext {

// The views stay as they are.
template <size_t kViews>
void AppendBytes(const std::array<std::string_view*, kViews>& views,
                 std::vector<char>* bytes) {
  for (const std::string_view* view : views) {
    bytes->insert(bytes->end(), view->begin(), view->end());
  }
}

// Returns where the last one ends.
template <size_t kViews>
const char* PointInto(const std::array<std::string_view*, kViews>& views,
                      const char* at) {
  for (std::string_view* view : views) {
    *view = {at, view->size()};
    at += view->size();
  }
  return at;
}

}  // namespace peaktext
