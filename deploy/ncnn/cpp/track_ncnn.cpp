// Track in a video by ncnn:  track_ncnn FOLDER VIDEO --output DIR

#include <bytetrack_video/video_main.hpp>

#include "ncnn_network.hpp"

int main(int count, char** words) {
  const auto open = [](const std::string& folder, const bytetrack::GivenOptions& given) {
    bytetrack::NcnnOptions options;
    options.threads = given.whole("--threads", 0, 1);
    options.fp16 = given.has("--fp16");
    return bytetrack::open_ncnn_network(folder, options);
  };
  const std::vector<bytetrack::Option> options{
      {"--threads", "N", "cores that run the network (default: all large ones)"},
      {"--fp16", "", "round to 16 bits where the processor is fast at it"}};
  return bytetrack::video_main(
      count, words, {"track_ncnn", "a folder of tools/export_ncnn.py", options, open});
}
