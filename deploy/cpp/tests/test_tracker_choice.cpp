#include "bytetrack/tracker_choice.hpp"

#include <vector>

#include "bytetrack/byte_tracker.hpp"
#include "bytetrack/cover_tracker.hpp"
#include "bytetrack/input_error.hpp"
#include "check.hpp"

using bytetrack::Detection;
using bytetrack::InputError;
using bytetrack::Tracker;

namespace {

std::unique_ptr<Tracker> make(std::vector<const char*> words,
                              const std::map<std::string, double>& known = {}) {
  words.insert(words.begin(), "program");
  const auto line = bytetrack::CommandLine::parse(static_cast<int>(words.size()), words.data(),
                                                  bytetrack::tracker_options());
  return bytetrack::make_tracker(line.options, known);
}

/// Track two frames of a person whose score is 0.55; count what the second puts out.
std::size_t find(Tracker& tracker) {
  const std::vector<Detection> found{{{100, 100, 140, 200}, 0.55, 0}};
  tracker.update(found);
  return tracker.update(found).size();
}

/// Frames after which a track that is never found again is dropped.
int patience(Tracker& tracker) {
  tracker.update(std::vector<Detection>{{{100, 100, 140, 200}, 0.9, 0}});
  int frames = 0;
  for (; tracker.track_count() > 0; ++frames) tracker.update({});
  return frames;
}

}  // namespace

TEST(byte_unless_another_is_named) {
  CHECK(dynamic_cast<bytetrack::ByteTracker*>(make({}).get()) != nullptr);
  CHECK(dynamic_cast<bytetrack::ByteTracker*>(make({"--tracker", "byte"}).get()) != nullptr);
  CHECK(dynamic_cast<bytetrack::CoverTracker*>(make({"--tracker=covertrack"}).get()) != nullptr);
}

TEST(numbers_reach_the_tracker) {
  CHECK(find(*make({})) == 0);
  CHECK(find(*make({"--track-thresh", "0.5", "--new-thresh", "0.5"})) == 1);
  CHECK(find(*make({"--tracker", "covertrack"})) == 0);
  CHECK(find(*make({"--tracker", "covertrack", "--new_thresh=0.5"})) == 1);
}

TEST(switches_reach_the_tracker) {
  const auto tracks_of_two_classes = [](Tracker& tracker) {
    for (const std::int64_t class_id : {1, 2}) {
      tracker.update(std::vector<Detection>{{{100, 100, 140, 200}, 0.9, class_id}});
    }
    return tracker.track_count();
  };
  CHECK(tracks_of_two_classes(*make({})) == 1);
  CHECK(tracks_of_two_classes(*make({"--class-aware"})) == 2);
  CHECK(tracks_of_two_classes(*make({"--no-class-aware"})) == 1);
  // The original's tracks of the first frame are kept for two more.
  const int legacy = patience(*make({}));
  CHECK(patience(*make({"--no-legacy"})) < legacy);
}

TEST(what_is_known_counts_unless_told_otherwise) {
  CHECK(patience(*make({"--no-legacy"}, {{"frame_rate", 60}})) == 61);
  CHECK(patience(*make({"--no-legacy", "--frame-rate", "30"}, {{"frame_rate", 60}})) == 31);
  CHECK(patience(*make({"--no-legacy"}, {{"image_width", 640}})) == 31);
}

TEST(an_option_of_both_is_listed_once_with_both_meanings) {
  std::size_t found = 0;
  for (const auto& [name, values, help] : bytetrack::tracker_options()) {
    if (name != "--track-thresh") continue;
    ++found;
    CHECK(values == "X");
    CHECK(help == "score above which a detection is a high-score one (byte 0.6); score from which "
                  "a detection is a high-score one (covertrack 0.5)");
  }
  CHECK(found == 1);
}

TEST(wrong_choices_are_named) {
  CHECK_THROWS(InputError, "there is no tracker 'sort'; give byte or covertrack",
               make({"--tracker", "sort"}));
  CHECK_THROWS(InputError, "tracker byte takes no --last-box; leave it out",
               make({"--last-box", "0.5"}));
  CHECK_THROWS(InputError, "tracker covertrack takes no --no-legacy; leave it out",
               make({"--tracker", "covertrack", "--no-legacy"}));
  CHECK_THROWS(InputError, "--legacy and --no-legacy are both given; give one",
               make({"--legacy", "--no-legacy"}));
  CHECK_THROWS(InputError, "--frame-rate is 'x'; give a number of at least 0.001",
               make({"--frame-rate", "x"}));
  CHECK_THROWS(InputError, "match_thresh is 2; give a number from 0 to 1",
               make({"--match-thresh", "2"}));
}
