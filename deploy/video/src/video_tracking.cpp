#include "bytetrack_video/video_tracking.hpp"

#include <fstream>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include <opencv2/videoio.hpp>

#include <bytetrack/input_error.hpp>
#include <bytetrack/mot_text.hpp>
#include <bytetrack/sequence.hpp>

#include "bytetrack_video/drawing.hpp"
#include "whole_file.hpp"

namespace bytetrack {
namespace {

/// MOTChallenge's text, frame by frame.
class TextFile {
 public:
  explicit TextFile(const std::filesystem::path& path)
      : file_(path), stream_(file_.aside(), std::ios::binary) {
    if (!stream_) file_.refuse();
  }

  void add(int frame, const std::vector<Track>& tracks) {
    mot::write_tracks(stream_, {std::vector<std::int64_t>(tracks.size(), frame), tracks});
  }

  void keep() {
    stream_.close();
    if (!stream_) file_.refuse();
    file_.keep();
  }

 private:
  WholeFile file_;
  std::ofstream stream_;
};

/// The frames with their tracks drawn.
class VideoFile {
 public:
  VideoFile(const std::filesystem::path& path, const Footage& footage)
      : file_(path),
        writer_(file_.aside(), cv::CAP_FFMPEG, cv::VideoWriter::fourcc('m', 'p', '4', 'v'),
                footage.frame_rate, footage.size) {
    if (!writer_.isOpened()) {
      throw InputError(path.string() +
                       ": cannot be written as a video; give another --output, or --no-video");
    }
  }

  void add(const cv::Mat& image) { writer_.write(image); }

  void keep() {
    writer_.release();
    file_.keep();
  }

 private:
  WholeFile file_;
  cv::VideoWriter writer_;
};

/// The filter of `yolox/results/filtering.py`: boxes too small or too wide for a person go.
std::vector<Track> drop_odd_boxes(const std::vector<Track>& tracks, const Outputs& outputs) {
  std::vector<Track> kept;
  for (const Track& track : tracks) {
    const double width = track.box.right - track.box.left;
    const double height = track.box.bottom - track.box.top;
    if (outputs.min_box_area > 0 && !(width * height > outputs.min_box_area)) continue;
    if (outputs.max_aspect_ratio > 0 && width > outputs.max_aspect_ratio * height) continue;
    kept.push_back(track);
  }
  return kept;
}

}  // namespace

Summary track_video(Footage& footage, Detector& detector, Tracker& tracker,
                    const Outputs& outputs, const std::function<bool(int)>& go_on) {
  TextFile text(outputs.folder / (footage.name + ".txt"));
  std::optional<VideoFile> video;
  if (outputs.video) video.emplace(outputs.folder / (footage.name + ".mp4"), footage);
  const auto& names = detector.metadata().class_names;
  const std::vector<std::string> written = names.size() > 1 ? names : std::vector<std::string>{};

  Summary summary;
  std::unordered_set<std::int64_t> ids;
  // Where a frame has no image the last one stays.
  cv::Mat image, shown(footage.size, CV_8UC3, cv::Scalar::all(kPadding));
  while (footage.next(image)) {
    const auto found = image.empty() ? std::vector<Detection>{} : detector.find(image);
    const std::vector<Track>& everyone = tracker.update(found);
    const std::vector<Track> tracks = drop_odd_boxes(everyone, outputs);
    text.add(++summary.frames, tracks);
    if (video) {
      if (!image.empty()) image.copyTo(shown);
      cv::Mat drawn = shown.clone();
      draw_tracks(drawn, tracks, written);
      video->add(drawn);
    }
    summary.boxes += static_cast<long>(tracks.size());
    summary.left_out += static_cast<long>(everyone.size() - tracks.size());
    for (const Track& track : tracks) ids.insert(track.id);
    if (!go_on(summary.frames)) break;
  }
  text.keep();
  if (video) video->keep();
  summary.ids = ids.size();
  return summary;
}

}  // namespace bytetrack
