#include "bytetrack/tracker_choice.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "bytetrack/byte_tracker.hpp"
#include "bytetrack/cover_tracker.hpp"
#include "bytetrack/input_error.hpp"

namespace bytetrack {
namespace {

using Known = std::map<std::string, double>;

/// A parameter as it is told of in the help.
struct Told {
  std::string option;
  bool is_switch;
  std::string tracker, help, value;
};

std::string option_of(const std::string& parameter) {
  std::string option = "--" + parameter;
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

std::string opposite_of(const std::string& option) { return "--no-" + option.substr(2); }

template <typename Parameters>
std::string show(const Parameter<Parameters>& parameter) {
  const auto value = parameter.get(Parameters{});
  if (!value) return "unset";
  if (parameter.is_switch()) return *value ? "on" : "off";
  char text[32];
  std::snprintf(text, sizeof text, "%g", *value);
  return text;
}

template <typename Kind>
void tell(std::vector<Told>& all) {
  for (const auto& one : Kind::Parameters::declared()) {
    all.push_back({option_of(one.name), one.is_switch(), Kind::kName, one.help, show(one)});
  }
}

std::vector<Told> tell_all() {
  std::vector<Told> all;
  tell<ByteTracker>(all);
  tell<CoverTracker>(all);
  return all;
}

/// Say each meaning that an option has, with the trackers where it has it.
std::string help_of(const std::string& option, const std::vector<Told>& all) {
  std::vector<std::pair<std::string, std::string>> meanings;
  for (const Told& one : all) {
    if (one.option != option) continue;
    const std::string value = one.tracker + " " + one.value;
    const auto same = std::find_if(meanings.begin(), meanings.end(),
                                   [&](const auto& meaning) { return meaning.first == one.help; });
    if (same == meanings.end()) {
      meanings.emplace_back(one.help, value);
    } else {
      same->second += ", " + value;
    }
  }
  std::string help;
  for (const auto& [meaning, values] : meanings) {
    help += (help.empty() ? "" : "; ") + meaning + " (" + values + ")";
  }
  return help;
}

/// Check that no option is of another tracker alone.
void check_owned(const GivenOptions& given, const std::string& tracker) {
  const std::vector<Told> all = tell_all();
  for (const Told& one : all) {
    for (const std::string& option : {one.option, opposite_of(one.option)}) {
      const bool owned = std::any_of(all.begin(), all.end(), [&](const Told& other) {
        return other.option == one.option && other.tracker == tracker;
      });
      if (given.has(option) && !owned) {
        throw InputError("tracker " + tracker + " takes no " + option + "; leave it out");
      }
    }
  }
}

template <typename Kind>
std::unique_ptr<Tracker> make(const GivenOptions& given, const Known& known) {
  check_owned(given, Kind::kName);
  typename Kind::Parameters parameters;
  for (const auto& one : Kind::Parameters::declared()) {
    const std::string option = option_of(one.name);
    if (const auto at = known.find(one.name); at != known.end()) one.set(parameters, at->second);
    if (one.is_switch()) {
      const bool on = given.has(option), off = given.has(opposite_of(option));
      if (on && off) {
        throw InputError(option + " and " + opposite_of(option) + " are both given; give one");
      }
      if (on || off) one.set(parameters, on);
    } else if (given.has(option)) {
      one.set(parameters, given.number(option, 0, one.low));
    }
  }
  return std::make_unique<Kind>(parameters);
}

}  // namespace

std::vector<Option> tracker_options() {
  std::vector<Option> options{{"--tracker", "NAME", "byte or covertrack (default: byte)"}};
  const std::vector<Told> all = tell_all();
  for (const Told& one : all) {
    const bool listed = std::any_of(options.begin(), options.end(), [&](const Option& option) {
      return option.name == one.option;
    });
    if (listed) continue;
    options.push_back({one.option, one.is_switch ? "" : "X", help_of(one.option, all)});
    if (one.is_switch) options.push_back({opposite_of(one.option), "", "the opposite"});
  }
  return options;
}

std::unique_ptr<Tracker> make_tracker(const GivenOptions& given, const Known& known) {
  const std::string name = given.text("--tracker", ByteTracker::kName);
  if (name == ByteTracker::kName) return make<ByteTracker>(given, known);
  if (name == CoverTracker::kName) return make<CoverTracker>(given, known);
  throw InputError("there is no tracker '" + name + "'; give byte or covertrack");
}

}  // namespace bytetrack
