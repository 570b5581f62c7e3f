#pragma once

#include <stdexcept>

namespace bytetrack {

/// Bad input from outside. The message names the place, the value and the cure.
class InputError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

}  // namespace bytetrack
