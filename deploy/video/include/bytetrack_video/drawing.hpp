#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include <bytetrack/track.hpp>

namespace bytetrack {

/// The colour of an id, blue, green and red: that of `yolox/visualize/colours.py`.
cv::Scalar colour_of(std::int64_t id);

/// Draw tracks into an image: boxes with their ids, whoever stands lower on top.
///
/// Args:
///   class_names: Written beside the ids; none if empty.
void draw_tracks(cv::Mat& image, const std::vector<Track>& tracks,
                 const std::vector<std::string>& class_names);

}  // namespace bytetrack
