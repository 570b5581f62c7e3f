#include "bytetrack/input_error.hpp"

#include <cstdio>

namespace bytetrack {

void check_range(const char* name, double value, double low, double high) {
  if (value >= low && value <= high) return;  // NaN fails both
  char text[160];
  std::snprintf(text, sizeof text, "%s is %.15g; give a number from %g to %g", name, value, low,
                high);
  throw InputError(text);
}

}  // namespace bytetrack
