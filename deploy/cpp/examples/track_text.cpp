// Track a file of detections:  track_text DETECTIONS.txt TRACKS.txt

#include <cstdio>
#include <exception>
#include <fstream>

#include "bytetrack/byte_tracker.hpp"
#include "bytetrack/input_error.hpp"
#include "bytetrack/mot_text.hpp"
#include "bytetrack/sequence.hpp"

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "error: give two files: track_text DETECTIONS.txt TRACKS.txt\n");
    return 2;
  }
  try {
    const auto table = bytetrack::mot::read_detections(words[1]);
    bytetrack::ByteTracker tracker;
    const auto tracks = bytetrack::track_sequence(tracker, table.frames.data(), table.detections,
                                                  table.last_frame());
    std::ofstream file(words[2], std::ios::binary);
    bytetrack::mot::write_tracks(file, tracks);
    file.close();
    if (!file) throw bytetrack::InputError(std::string(words[2]) + ": cannot be written");
    std::printf("%lld frames, %zu boxes\n", static_cast<long long>(tracker.frame()),
                tracks.tracks.size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
