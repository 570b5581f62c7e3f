#include "bytetrack_video/video_main.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <utility>

#include <opencv2/core/utils/logger.hpp>

#include <bytetrack/input_error.hpp>
#include <bytetrack/tracker_choice.hpp>

#include "bytetrack_video/video_tracking.hpp"

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

namespace bytetrack {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<int> signals{0};

/// The first signal ends the run after the frame at hand, the second at once.
extern "C" void on_signal(int number) {
  if (signals.fetch_add(1) == 0) return;
  std::signal(number, SIG_DFL);
  std::raise(number);
}

std::vector<Option> options_of(const Backend& backend) {
  const std::string folder = "folder for the results (default: runs/" + backend.program + ")";
  std::vector<Option> options{
      {"--output", "DIR", folder},
      {"--no-video", "", "write the text only"},
      {"--tsize", "H W", "network input, of files that take any (default: that of the export)"},
      {"--conf", "X", "least score (default: 0.1)"},
      {"--nms", "X", "largest overlap (default: 0.7)"},
      {"--classes", "A,B", "find these classes only, by number"},
      {"--min-box-area", "PX", "put out larger boxes only; 0 is off (default: 10)"},
      {"--max-aspect-ratio", "R", "largest width / height put out; 0 is off (default: 1.6)"}};
  options.insert(options.begin(), backend.options.begin(), backend.options.end());
  const std::vector<Option> of_trackers = tracker_options();
  options.insert(options.end(), of_trackers.begin(), of_trackers.end());
  options.push_back({"--help", "", "say this"});
  return options;
}

void print_help(const Backend& backend) {
  std::printf("%s NETWORK VIDEO [options]\n\n", backend.program.c_str());
  std::printf("Track in a video, or a folder of images: MOTChallenge text and an annotated mp4.\n");
  std::printf("Ctrl-C ends it with everything so far in whole files.\n\n");
  std::printf("  %-24s%s\n  %-24s%s\n", "NETWORK", backend.network.c_str(), "VIDEO",
              "a video file, or a folder of images");
  print_options(options_of(backend));
}

yolox::Thresholds read_thresholds(const GivenOptions& given) {
  const auto share = [&](const char* name, double otherwise) {
    const double value = given.number(name, otherwise, 0);
    if (value <= 1) return static_cast<float>(value);
    throw InputError(std::string(name) + " is " + given.text(name, "") +
                     "; give a number from 0 to 1");
  };
  return {share("--conf", 0.1), share("--nms", 0.7)};
}

Detector open_detector(const Backend& backend, const std::string& path, const GivenOptions& given) {
  const yolox::Thresholds thresholds = read_thresholds(given);
  const std::vector<int> sides = given.wholes("--tsize", 32);
  auto network = backend.open(path, given);
  const Size size = sides.empty() ? network->metadata().input_size : Size{sides[0], sides[1]};
  return {std::move(network), path, size, thresholds, given.wholes("--classes", 0)};
}

Outputs read_outputs(const Backend& backend, const GivenOptions& given) {
  Outputs outputs;
  outputs.folder = given.text("--output", "runs/" + backend.program);
  outputs.video = !given.has("--no-video");
  outputs.min_box_area = given.number("--min-box-area", outputs.min_box_area, 0);
  outputs.max_aspect_ratio = given.number("--max-aspect-ratio", outputs.max_aspect_ratio, 0);
  return outputs;
}

/// Check that no result would take the place of the video that it is made of.
void check_apart(const std::string& video, const std::string& name, const Outputs& outputs) {
  const auto result = outputs.folder / (name + ".mp4");
  std::error_code ignored;
  if (outputs.video && std::filesystem::equivalent(video, result, ignored)) {
    throw InputError(result.string() +
                     ": would be replaced by the result; give another --output");
  }
}

/// Says on a terminal how far it is.
class Progress {
 public:
  explicit Progress(int length) : length_(length) {}
  ~Progress() {
    if (shown_) std::fputc('\n', stderr);
  }

  double speed(int frames) const {
    return frames / std::chrono::duration<double>(Clock::now() - start_).count();
  }

  void show(int frames) {
    if (!terminal_ || (Clock::now() - last_ < std::chrono::milliseconds(200))) return;
    last_ = Clock::now();
    shown_ = true;
    std::fprintf(stderr, "\rtracking: %d", frames);
    if (length_ > 0) std::fprintf(stderr, " of %d", length_);
    std::fprintf(stderr, " frames, %.1f a second   ", speed(frames));
    std::fflush(stderr);
  }

 private:
#ifdef _WIN32
  bool terminal_ = _isatty(2) != 0;
#else
  bool terminal_ = isatty(STDERR_FILENO) != 0;
#endif
  int length_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

/// Let one line of ours say what is wrong, and not several of OpenCV's and FFmpeg's.
void quieten() {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
#ifdef _WIN32
  _putenv_s("OPENCV_FFMPEG_LOGLEVEL", "-8");
#else
  setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);
#endif
}

void run(const Backend& backend, const CommandLine& line) {
  if (line.words.size() != 2) {
    throw InputError("give a network and a video; see " + backend.program + " --help");
  }
  const auto& [words, given] = line;
  const Outputs outputs = read_outputs(backend, given);
  make_tracker(given);  // what is wrong there is told before a network is opened
  Detector detector = open_detector(backend, words[0], given);
  const auto footage = open_footage(words[1]);
  check_apart(words[1], footage->name, outputs);
  const auto tracker = make_tracker(given, {{"frame_rate", footage->frame_rate},
                                            {"image_width", 1.0 * footage->size.width}});
  const char* name = footage->name.c_str();
  std::printf("%s: %d frames, %d × %d, %g a second\n", name, footage->length,
              footage->size.width, footage->size.height, footage->frame_rate);
  std::fflush(stdout);

  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  Summary summary;
  double speed = 0;
  {
    Progress progress(footage->length);
    summary = track_video(*footage, detector, *tracker, outputs, [&](int frames) {
      progress.show(frames);
      return signals == 0;
    });
    speed = progress.speed(summary.frames);
  }
  std::printf("%s: %d frames, %ld boxes, %zu ids; %.1f frames a second\n", name, summary.frames,
              summary.boxes, summary.ids, speed);
  if (summary.left_out > 0) {
    std::fprintf(stderr,
                 "note: %ld boxes of %s are too small or too wide for people and were left out "
                 "(--min-box-area, --max-aspect-ratio)\n",
                 summary.left_out, name);
  }
  std::printf("%sresults in %s\n", signals > 0 ? "stopped; " : "", outputs.folder.string().c_str());
}

}  // namespace

int video_main(int count, const char* const* words, const Backend& backend) {
  try {
    quieten();
    const CommandLine line = CommandLine::parse(count, words, options_of(backend));
    if (line.options.has("--help")) {
      print_help(backend);
    } else {
      run(backend, line);
    }
  } catch (const std::exception& error) {
    std::string reason = error.what();
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    std::fprintf(stderr, "error: %s\n", reason.c_str());
    return 2;
  }
  return 0;
}

}  // namespace bytetrack
