#include "base/status.h"

#include <fmt/core.h>

#include <cerrno>
#include <system_error>

namespace peaktext {

Status SystemError(int error_number, std::string_view what) {
  StatusCode code = StatusCode::kIo;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      code = StatusCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = StatusCode::kPermission;
      break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      code = StatusCode::kNoSpace;
      break;
    default:
      break;
  }
  return {code, fmt::format("{}: {}", what,
                            std::generic_category().message(error_number))};
}

}  // namespace peaktext
