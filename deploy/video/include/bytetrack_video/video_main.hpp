#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <bytetrack/command_line.hpp>
#include <bytetrack/network.hpp>

namespace bytetrack {

/// What a program runs networks by.
struct Backend {
  std::string program;          ///< Its name.
  std::string network;          ///< What the command line's first word names, for the help.
  std::vector<Option> options;  ///< Of its own, beside those that all programs have.
  /// Open a network by that word; throws InputError.
  std::function<std::unique_ptr<Network>(const std::string& path, const GivenOptions& given)> open;
};

/// A program that tracks in a video: an annotated mp4 and MOTChallenge text.
///
/// Returns what main returns: 0, or 2 after a line on stderr that says what is wrong.
int video_main(int count, const char* const* words, const Backend& backend);

}  // namespace bytetrack
