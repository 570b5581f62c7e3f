#pragma once

#include <vector>

#include <opencv2/core.hpp>

#include <bytetrack/letterbox.hpp>
#include <bytetrack/network_metadata.hpp>

namespace bytetrack {

/// Turn an image into network input, as `yolox/data/preprocess.py` does it.
///
/// Args:
///   image: 8 bits a channel in OpenCV's order, BGR.
///   size: Of the network input.
///   convention: What the weights expect.
///   input: Becomes 3 × height × width numbers: channel by channel, row by row.
///
/// Returns how the image was fitted. Throws InputError where it is of another kind.
Letterbox to_input(const cv::Mat& image, Size size, Preprocessing convention,
                   std::vector<float>& input);

}  // namespace bytetrack
