// Track in a video by TensorRT:  track_tensorrt ENGINE VIDEO --output DIR

#include <bytetrack_video/video_main.hpp>

#include "tensorrt_network.hpp"

int main(int count, char** words) {
  const auto open = [](const std::string& path, const bytetrack::GivenOptions&) {
    return bytetrack::open_tensorrt_network(path);
  };
  return bytetrack::video_main(count, words,
                               {"track_tensorrt", "an engine of tools/trt.py", {}, open});
}
