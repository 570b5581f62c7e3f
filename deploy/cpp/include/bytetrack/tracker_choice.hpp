#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bytetrack/command_line.hpp"
#include "bytetrack/tracker.hpp"

namespace bytetrack {

/// The options that choose a tracker: `--tracker`, and one for each parameter that some tracker
/// has, with the names that they have in Python.
std::vector<Option> tracker_options();

/// Make the tracker that was chosen, BYTE where none was.
///
/// Args:
///   known: What is known of the footage, by the names of parameters; it counts where the tracker
///     takes it and the options do not say otherwise.
///
/// Throws InputError where there is no such tracker, it has no such parameter, or a value is wrong.
std::unique_ptr<Tracker> make_tracker(const GivenOptions& given,
                                      const std::map<std::string, double>& known = {});

}  // namespace bytetrack
