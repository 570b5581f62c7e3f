#pragma once

#include <memory>
#include <string>

#include <opencv2/core.hpp>

namespace bytetrack {

/// Frames in order, all of the size of the first.
class Footage {
 public:
  virtual ~Footage() = default;

  /// Take the next frame, empty where its image cannot be read; false at the end.
  virtual bool next(cv::Mat& image) = 0;

  std::string name;        ///< For the names of results.
  cv::Size size;           ///< Of every image.
  double frame_rate = 30;  ///< Frames a second.
  int length = 0;          ///< Frames, as far as the source says; 0 if it does not.
};

/// Open a video, or a folder of images, which are sorted by name, numbers by value.
///
/// Throws InputError where there is none, or not one frame can be read.
std::unique_ptr<Footage> open_footage(const std::string& path);

}  // namespace bytetrack
