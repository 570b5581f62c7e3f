#pragma once

#include <optional>
#include <type_traits>
#include <variant>

#include "bytetrack/input_error.hpp"

namespace bytetrack {

/// One parameter of a tracker: where it stands among `Parameters`, its range and its meaning.
///
/// As a number a switch is 0 or 1.
template <typename Parameters>
struct Parameter {
  const char* name;
  std::variant<double Parameters::*, std::optional<double> Parameters::*, bool Parameters::*> at;
  double low, high;
  const char* help;

  bool is_switch() const { return std::holds_alternative<bool Parameters::*>(at); }

  /// Read its value, nothing where it is unset.
  std::optional<double> get(const Parameters& of) const {
    return std::visit([&](auto member) -> std::optional<double> { return of.*member; }, at);
  }

  void set(Parameters& of, double value) const {
    std::visit(
        [&](auto member) {
          using Kind = std::remove_reference_t<decltype(of.*member)>;
          of.*member = static_cast<Kind>(value);
        },
        at);
  }
};

/// Hand parameters on if all are within their ranges. Throws InputError, which names the first
/// that is not.
template <typename Parameters>
const Parameters& checked(const Parameters& parameters) {
  for (const auto& parameter : Parameters::declared()) {
    const auto value = parameter.get(parameters);
    if (value) check_range(parameter.name, *value, parameter.low, parameter.high);
  }
  return parameters;
}

}  // namespace bytetrack
