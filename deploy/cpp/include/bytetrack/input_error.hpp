#pragma once

#include <stdexcept>

namespace bytetrack {

/// Bad input from outside. The message names the place, the value and the cure.
class InputError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Check that a parameter lies in a range, both ends included; throws InputError.
void check_range(const char* name, double value, double low, double high);

}  // namespace bytetrack
