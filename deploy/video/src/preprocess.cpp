#include "bytetrack_video/preprocess.hpp"

#include <algorithm>
#include <array>

#include <opencv2/imgproc.hpp>

#include <bytetrack/input_error.hpp>

namespace bytetrack {
namespace {

/// What each level of a channel becomes; there are only 256.
using Levels = std::array<float, 256>;

constexpr float kMean[] = {0.485F, 0.456F, 0.406F};
constexpr float kDeviation[] = {0.229F, 0.224F, 0.225F};

Levels make_levels(Preprocessing convention, int channel) {
  Levels levels{};
  for (int level = 0; level < 256; ++level) {
    auto value = static_cast<float>(level);
    if (convention == Preprocessing::kLegacy) {
      value = (value * static_cast<float>(1.0 / 255) - kMean[channel]) / kDeviation[channel];
    }
    levels[static_cast<std::size_t>(level)] = value;
  }
  return levels;
}

}  // namespace

Letterbox to_input(const cv::Mat& image, Size size, Preprocessing convention,
                   std::vector<float>& input) {
  if (image.empty() || image.type() != CV_8UC3) {
    throw InputError(
        "image is empty or not of three channels of 8 bits; give it as OpenCV reads it");
  }
  const Letterbox fitted = fit({image.rows, image.cols}, size);
  cv::Mat scaled;
  cv::resize(image, scaled, {fitted.scaled.width, fitted.scaled.height}, 0, 0, cv::INTER_LINEAR);
  const auto width = static_cast<std::size_t>(size.width);
  const std::size_t area = width * static_cast<std::size_t>(size.height);
  input.resize(3 * area);
  for (int channel = 0; channel < 3; ++channel) {
    const Levels levels = make_levels(convention, channel);
    const int from = convention == Preprocessing::kLegacy ? 2 - channel : channel;
    float* plane = input.data() + static_cast<std::size_t>(channel) * area;
    std::fill(plane, plane + area, levels[kPadding]);
    for (int row = 0; row < scaled.rows; ++row, plane += width) {
      const auto* pixels = scaled.ptr<cv::Vec3b>(row);
      for (int column = 0; column < scaled.cols; ++column) {
        plane[column] = levels[pixels[column][from]];
      }
    }
  }
  return fitted;
}

}  // namespace bytetrack
