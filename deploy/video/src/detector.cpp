#include "bytetrack_video/detector.hpp"

#include <algorithm>
#include <utility>

#include <bytetrack/input_error.hpp>

#include "bytetrack_video/preprocess.hpp"

namespace bytetrack {

Detector::Detector(std::unique_ptr<Network> network, std::string name, Size size,
                   const yolox::Thresholds& thresholds, std::vector<int> classes)
    : network_(std::move(network)),
      name_(std::move(name)),
      size_(size),
      thresholds_(thresholds),
      classes_(std::move(classes)) {
  if (metadata().boxes == Boxes::kSuppressed) {
    throw InputError(name_ + ": suppresses boxes itself; export it without --nms");
  }
  check_size(*network_, size_, name_);
  const auto count = static_cast<int>(metadata().class_names.size());
  for (const int one : classes_) {
    if (count == 0 || one < count) continue;
    throw InputError("the detector knows no class " + std::to_string(one) +
                     "; give numbers below " + std::to_string(count));
  }
}

std::vector<Detection> Detector::find(const cv::Mat& image) {
  const Letterbox fitted = to_input(image, size_, metadata().preprocessing, input_);
  const NetworkOutput output = network_->run(input_.data(), size_);
  check_output(output, metadata(), size_, name_);
  auto found = yolox::read(output, metadata(), size_, fitted, thresholds_).detections;
  if (classes_.empty()) return found;
  const auto other = [&](const Detection& one) {
    return std::find(classes_.begin(), classes_.end(), one.class_id) == classes_.end();
  };
  found.erase(std::remove_if(found.begin(), found.end(), other), found.end());
  return found;
}

}  // namespace bytetrack
