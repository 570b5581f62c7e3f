#include "bytetrack_video/video_main.hpp"

#include <cstdio>
#include <exception>

namespace bytetrack {

int video_main(int count, const char* const* words, const Backend& backend) {
  try {
    const CommandLine line = CommandLine::parse(count, words, backend.options);
    if (!line.words.empty()) backend.open(line.words[0], line.options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
  return 0;
}

}  // namespace bytetrack
