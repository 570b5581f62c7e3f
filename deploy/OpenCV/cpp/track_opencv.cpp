// Track in a video by OpenCV's DNN module:  track_opencv NETWORK.onnx VIDEO --output DIR

#include <bytetrack_video/video_main.hpp>

#include "opencv_network.hpp"

int main(int count, char** words) {
  const auto open = [](const std::string& path, const bytetrack::GivenOptions&) {
    return bytetrack::open_opencv_network(path);
  };
  return bytetrack::video_main(
      count, words, {"track_opencv", "an ONNX file of tools/export_onnx.py --no-reid", {}, open});
}
