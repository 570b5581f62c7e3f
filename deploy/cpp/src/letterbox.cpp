#include "bytetrack/letterbox.hpp"

#include <algorithm>
#include <string>

#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

void check(const char* name, Size size) {
  if (size.height > 0 && size.width > 0) return;
  throw InputError(std::string(name) + " is " + std::to_string(size.height) + " × " +
                   std::to_string(size.width) + "; give a height and a width of at least 1");
}

}  // namespace

Letterbox fit(Size image, Size input) {
  check("image", image);
  check("input", input);
  const double scale = std::min(static_cast<double>(input.height) / image.height,
                                static_cast<double>(input.width) / image.width);
  const Size scaled{std::max(static_cast<int>(image.height * scale), 1),
                    std::max(static_cast<int>(image.width * scale), 1)};
  return {scaled, scale};
}

}  // namespace bytetrack
