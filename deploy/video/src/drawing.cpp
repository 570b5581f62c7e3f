#include "bytetrack_video/drawing.hpp"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

namespace bytetrack {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;

// Steps of the golden ratio along the hue circle keep neighbouring ids far apart.
constexpr double kGoldenStep = 0.61803398875;
constexpr double kSaturation = 0.75;
constexpr double kLightness[] = {0.42, 0.55, 0.34};

/// One channel of a colour by hue and lightness; `turn` is 0 for red, 8 for green, 4 for blue.
int channel(double hue, double lightness, int turn) {
  const double at = std::fmod(turn + 12 * hue, 12);
  const double spread = kSaturation * std::min(lightness, 1 - lightness);
  return static_cast<int>(
      255 * (lightness - spread * std::max(-1.0, std::min({at - 3, 9 - at, 1.0}))));
}

int line_width(const cv::Mat& image) {
  return std::max(1, static_cast<int>(std::nearbyint(std::min(image.rows, image.cols) / 500.0)));
}

/// Round to a pixel no farther outside the image than its own size: OpenCV counts in 32 bits.
cv::Point near_point(double x, double y, const cv::Mat& image) {
  const auto near = [](double value, int side) {
    return static_cast<int>(std::clamp(std::nearbyint(value), -1.0 * side, 2.0 * side));
  };
  return {near(x, image.cols), near(y, image.rows)};
}

/// Write above a corner, in white on a dark colour or in black on a bright one.
void draw_label(cv::Mat& image, const std::string& text, cv::Point corner,
                const cv::Scalar& colour) {
  // Shares of blue, green and red in what the eye takes for brightness (ITU-R BT.601).
  const double brightness = 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2];
  const cv::Scalar ink = brightness > 120 ? cv::Scalar(0, 0, 0) : cv::Scalar(255, 255, 255);
  const int thick = line_width(image);
  const double size = 0.5 * thick;
  int below = 0;
  const cv::Size wide = cv::getTextSize(text, kFont, size, thick, &below);
  const int left = std::max(std::min(corner.x, image.cols - wide.width), 0);
  const int top = std::max(corner.y - wide.height - below, 0);
  const cv::Rect plate(left, top, wide.width + 1, wide.height + below + 1);
  cv::rectangle(image, plate, colour, cv::FILLED);
  cv::putText(image, text, {left, top + wide.height}, kFont, size, ink, thick, cv::LINE_AA);
}

}  // namespace

cv::Scalar colour_of(std::int64_t id) {
  const double hue = std::fmod(static_cast<double>(id) * kGoldenStep, 1.0);
  const double lightness = kLightness[id % 3];
  return {static_cast<double>(channel(hue, lightness, 4)),
          static_cast<double>(channel(hue, lightness, 8)),
          static_cast<double>(channel(hue, lightness, 0))};
}

void draw_tracks(cv::Mat& image, const std::vector<Track>& tracks,
                 const std::vector<std::string>& class_names) {
  std::vector<const Track*> seen;
  for (const Track& track : tracks) {
    const Box& box = track.box;
    if (box.left < image.cols && box.top < image.rows && box.right > 0 && box.bottom > 0) {
      seen.push_back(&track);
    }
  }
  std::stable_sort(seen.begin(), seen.end(), [](const Track* a, const Track* b) {
    return a->box.bottom < b->box.bottom;
  });
  const int thick = 2 * line_width(image);  // video halves the colour channels
  for (const Track* track : seen) {
    cv::rectangle(image, near_point(track->box.left, track->box.top, image),
                  near_point(track->box.right, track->box.bottom, image), colour_of(track->id),
                  thick);
  }
  for (const Track* track : seen) {
    std::string text = std::to_string(track->id);
    if (!class_names.empty()) text += " " + class_names[static_cast<std::size_t>(track->class_id)];
    draw_label(image, text, near_point(track->box.left, track->box.top, image),
               colour_of(track->id));
  }
}

}  // namespace bytetrack
