#include "bytetrack_video/footage.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <bytetrack/input_error.hpp>

namespace bytetrack {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffixes[] = {".jpg", ".jpeg", ".png", ".bmp",
                                          ".tif", ".tiff", ".webp"};
// Beyond it a header is not to be believed.
constexpr double kHighestFrameRate = 1000;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char sign) { return static_cast<char>(std::tolower(sign)); });
  return text;
}

bool is_image(const fs::path& path) {
  const std::string suffix = lower(path.extension().string());
  return path.filename().string().front() != '.' &&
         std::find(std::begin(kSuffixes), std::end(kSuffixes), suffix) != std::end(kSuffixes);
}

bool is_digit(char sign) { return sign >= '0' && sign <= '9'; }

/// Take the digits at the front, without leading zeros.
std::string_view take_digits(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

/// Order names as people count: `2.jpg` before `10.jpg`.
bool comes_before(const fs::path& one, const fs::path& other) {
  const std::string first = lower(one.stem().string()), second = lower(other.stem().string());
  std::string_view a = first, b = second;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view m = take_digits(a), n = take_digits(b);
      if (m.size() != n.size()) return m.size() < n.size();
      if (m != n) return m < n;
    } else {
      if (a.front() != b.front()) return a.front() < b.front();
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return one.filename() < other.filename();
}

class Video : public Footage {
 public:
  Video(cv::VideoCapture capture, const fs::path& path) : capture_(std::move(capture)) {
    capture_.read(first_);
    if (first_.empty()) {
      throw InputError(path.string() +
                       ": not one frame can be decoded; fetch the video anew, or convert it with "
                       "ffmpeg");
    }
    name = path.stem().string();
    size = first_.size();
    const double rate = capture_.get(cv::CAP_PROP_FPS);
    if (rate > 0 && rate <= kHighestFrameRate) frame_rate = rate;
    length = static_cast<int>(std::clamp(capture_.get(cv::CAP_PROP_FRAME_COUNT), 0.0, 1e9));
  }

  bool next(cv::Mat& image) override {
    if (at_ == 0) {
      image = first_;
    } else if (!capture_.read(image)) {
      if (at_ < length) {
        std::fprintf(stderr, "note: %s: ends after frame %d of %d that its header tells of\n",
                     name.c_str(), at_, length);
      }
      return false;
    }
    ++at_;
    return true;
  }

 private:
  cv::VideoCapture capture_;
  cv::Mat first_;
  int at_ = 0;
};

class Images : public Footage {
 public:
  Images(std::vector<fs::path> paths, std::string name_of_folder) : paths_(std::move(paths)) {
    name = std::move(name_of_folder);
    length = static_cast<int>(paths_.size());
    for (const fs::path& path : paths_) {
      size = read(path).size();
      if (!size.empty()) return;
    }
    throw InputError(name + ": none of its " + std::to_string(length) +
                     " images can be read; fetch them anew");
  }

  bool next(cv::Mat& image) override {
    if (at_ == paths_.size()) return false;
    const fs::path& path = paths_[at_++];
    image = read(path);
    if (image.empty()) {
      std::fprintf(stderr, "note: frame %zu: %s: is no image, or is damaged\n", at_,
                   path.string().c_str());
    } else if (image.size() != size) {
      cv::resize(image, image, size, 0, 0, cv::INTER_AREA);
    }
    return true;
  }

 private:
  static cv::Mat read(const fs::path& path) {
    try {
      return cv::imread(path.string(), cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
    } catch (const cv::Exception&) {  // a header that tells of more pixels than OpenCV takes
      return {};
    }
  }

  std::vector<fs::path> paths_;
  std::size_t at_ = 0;
};

std::unique_ptr<Footage> open_folder(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (is_image(entry.path())) paths.push_back(entry.path());
  }
  if (paths.empty()) {
    throw InputError(folder.string() + ": holds no image (.jpg, .png, .bmp, .tif, .webp); give the "
                     "folder that holds the images");
  }
  std::sort(paths.begin(), paths.end(), comes_before);
  const fs::path name = fs::canonical(folder).filename();
  return std::make_unique<Images>(std::move(paths), name.empty() ? "images" : name.string());
}

}  // namespace

std::unique_ptr<Footage> open_footage(const std::string& path) {
  if (!fs::exists(path)) {
    throw InputError(path + ": no such file or folder; give a video or a folder of images");
  }
  if (fs::is_directory(path)) return open_folder(path);
  cv::VideoCapture capture(path, cv::CAP_FFMPEG);
  if (!capture.isOpened()) {
    throw InputError(path + ": cannot be opened as a video; give one that ffmpeg opens");
  }
  // Which FFmpeg films as a terminal would show it.
  if (capture.get(cv::CAP_PROP_FOURCC) == cv::VideoWriter::fourcc('a', 'n', 's', 'i')) {
    throw InputError(path + ": holds text, no video; give a video");
  }
  return std::make_unique<Video>(std::move(capture), path);
}

}  // namespace bytetrack
