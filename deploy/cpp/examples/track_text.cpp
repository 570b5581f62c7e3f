// Track a file of detections:  track_text DETECTIONS.txt TRACKS.txt [--tracker NAME] [options]

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "bytetrack/command_line.hpp"
#include "bytetrack/input_error.hpp"
#include "bytetrack/mot_text.hpp"
#include "bytetrack/sequence.hpp"
#include "bytetrack/tracker_choice.hpp"

namespace {

void track(const bytetrack::CommandLine& line) {
  const auto& [words, given] = line;
  if (words.size() != 2) {
    throw bytetrack::InputError("give two files: track_text DETECTIONS.txt TRACKS.txt");
  }
  std::error_code not_there;
  if (std::filesystem::equivalent(words[0], words[1], not_there)) {
    throw bytetrack::InputError(words[1] + ": is the detections' own file; name another");
  }
  const auto tracker = bytetrack::make_tracker(given);
  const auto table = bytetrack::mot::read_detections(words[0]);
  const auto tracks = bytetrack::track_sequence(*tracker, table.frames.data(), table.detections,
                                                table.last_frame());
  std::ofstream file(words[1], std::ios::binary);
  bytetrack::mot::write_tracks(file, tracks);
  file.close();
  if (!file) throw bytetrack::InputError(words[1] + ": cannot be written; name another file");
  std::printf("%lld frames, %zu boxes\n", static_cast<long long>(tracker->frame()),
              tracks.tracks.size());
}

}  // namespace

int main(int count, char** words) {
  auto options = bytetrack::tracker_options();
  options.push_back({"--help", "", "say this"});
  try {
    const auto line = bytetrack::CommandLine::parse(count, words, options);
    if (line.options.has("--help")) {
      std::printf("track_text DETECTIONS.txt TRACKS.txt [options]\n\n");
      bytetrack::print_options(options);
    } else {
      track(line);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
