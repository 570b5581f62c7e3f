#pragma once

#include <memory>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include <bytetrack/network.hpp>
#include <bytetrack/yolox_output.hpp>

namespace bytetrack {

/// Images to detections, by whatever network. An instance is for one thread at a time.
class Detector {
 public:
  /// Args:
  ///   network: Puts out boxes of all places, raw or decoded.
  ///   name: Of the network, for errors.
  ///   size: Of its input.
  ///   classes: To find, by number; all if empty.
  ///
  /// Throws InputError where one does not fit the other.
  Detector(std::unique_ptr<Network> network, std::string name, Size size,
           const yolox::Thresholds& thresholds, std::vector<int> classes = {});

  /// Find objects in an image of 8 bits BGR; boxes are in its own pixels. Throws InputError.
  std::vector<Detection> find(const cv::Mat& image);

  const NetworkMetadata& metadata() const { return network_->metadata(); }

 private:
  std::unique_ptr<Network> network_;
  std::string name_;
  Size size_;
  yolox::Thresholds thresholds_;
  std::vector<int> classes_;
  std::vector<float> input_;
};

}  // namespace bytetrack
