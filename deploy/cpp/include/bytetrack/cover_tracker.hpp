#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bytetrack/assignment.hpp"
#include "bytetrack/box.hpp"
#include "bytetrack/box_camera.hpp"
#include "bytetrack/detection.hpp"
#include "bytetrack/kalman.hpp"
#include "bytetrack/sweep.hpp"
#include "bytetrack/track.hpp"
#include "bytetrack/xtwh.hpp"

namespace bytetrack {

/// The parameters of CoverTrack; `docs/trackers/covertrack.md` tells each in full.
struct CoverParameters {
  double track_thresh = 0.5;           ///< Score from which a detection is a high-score one.
  double low_thresh = 0.1;             ///< Score from which a detection is used at all.
  double new_thresh = 0.6;             ///< Score that starts a track.
  double match_thresh = 0.9;           ///< Cost below which a high-score match is allowed.
  double low_match_thresh = 0.5;       ///< Cost below which a low-score match is allowed.
  double new_match_thresh = 0.7;       ///< Cost below which a new track's second detection is one.
  double track_buffer = 30;            ///< Frames that a lost track is kept, at 30 a second.
  double frame_rate = 30;              ///< Frames a second.
  std::optional<double> image_width;   ///< Pixels; who is half out is then not put out unseen.
  bool class_aware = false;            ///< Never give a track a detection of another class.
  bool box_camera = true;              ///< Estimate the camera's motion where it is not given.

  // Of motion and measurement, as shares of the height.
  double position_noise = 0.05;        ///< Unforeseen motion in 1/30 s.
  double velocity_noise = 0.006;       ///< Unforeseen change of the speed a frame.
  double size_noise = 0.025;           ///< Unforeseen change of width and height in 1/30 s.
  double size_velocity_noise = 0.0015; ///< Unforeseen change of their speed a frame.
  double position_error = 0.07;        ///< Of a detection's place.
  double size_error = 0.07;            ///< Of a detection's width and height.
  double score_trust = 0.3;            ///< By how much a score of 1 makes these errors smaller.
  double cover_error = 0.5;            ///< By how much being covered makes them larger.
  double adaptation = 1;               ///< How far the noise follows a track's own surprises.

  // Of the costs.
  double height_power = 0.3;           ///< Of the overlap in height, beside the overlap.
  double lost_margin = 0.2;            ///< Share by which boxes grow on every side for lost tracks.
  double last_box = 0;                 ///< What a lost track's overlap with its last box counts.
  double distance_cost = 0.05;         ///< Of a squared Mahalanobis distance of 10.
  double lost_distance_cost = 0.2;     ///< The same for lost tracks.
  double low_distance_cost = 0.3;      ///< The same for low scores.
  double low_score_wait = 2;           ///< Thirtieths of a second lost that still get low scores.
  double new_overlap = 0.6;            ///< IoU with a track above which nothing is started.
  double duplicate_limit = 0.08;       ///< `1 - IoU` below which a seen and a lost track are one.

  // Of what is put out.
  double place_share = 0.5;            ///< Of the detection in the place, beside the filter's.
  double size_share = 0.5;             ///< The same for width and height.
  double belief_rate = 0.1;            ///< Share of a new score in the belief.
  double open_belief = 0.9;            ///< What is left of it after 1/30 s unseen in plain view.
  double covered_belief = 1;           ///< The same for who is covered all over.
  double least_belief = 0.6;           ///< Down to which who is not seen is put out.
  double longest_unseen = 0.4;         ///< Seconds for which, at most.
  double unseen_hits = 2;              ///< Detections that it takes before.

  /// Check the ranges. Throws InputError, which names the parameter.
  void check() const;
};

/// A number among the parameters, by its name and with its range.
struct CoverNumber {
  const char* name;
  double CoverParameters::*value;
  double low, high;
};

inline constexpr CoverNumber kCoverNumbers[] = {
    {"track_thresh", &CoverParameters::track_thresh, 0, 1},
    {"low_thresh", &CoverParameters::low_thresh, 0, 1},
    {"new_thresh", &CoverParameters::new_thresh, 0, 1},
    {"match_thresh", &CoverParameters::match_thresh, 0, 10},
    {"low_match_thresh", &CoverParameters::low_match_thresh, 0, 10},
    {"new_match_thresh", &CoverParameters::new_match_thresh, 0, 10},
    {"track_buffer", &CoverParameters::track_buffer, 0, 1e6},
    {"frame_rate", &CoverParameters::frame_rate, 1e-3, 1e6},
    {"position_noise", &CoverParameters::position_noise, 1e-6, 10},
    {"velocity_noise", &CoverParameters::velocity_noise, 1e-6, 10},
    {"size_noise", &CoverParameters::size_noise, 1e-6, 10},
    {"size_velocity_noise", &CoverParameters::size_velocity_noise, 1e-6, 10},
    {"position_error", &CoverParameters::position_error, 1e-6, 10},
    {"size_error", &CoverParameters::size_error, 1e-6, 10},
    {"score_trust", &CoverParameters::score_trust, 0, 0.99},
    {"cover_error", &CoverParameters::cover_error, 0, 10},
    {"adaptation", &CoverParameters::adaptation, 0, 10},
    {"height_power", &CoverParameters::height_power, 0, 10},
    {"lost_margin", &CoverParameters::lost_margin, 0, 10},
    {"last_box", &CoverParameters::last_box, 0, 1},
    {"distance_cost", &CoverParameters::distance_cost, 0, 10},
    {"lost_distance_cost", &CoverParameters::lost_distance_cost, 0, 10},
    {"low_distance_cost", &CoverParameters::low_distance_cost, 0, 10},
    {"low_score_wait", &CoverParameters::low_score_wait, 0, 1e6},
    {"new_overlap", &CoverParameters::new_overlap, 0, 1},
    {"duplicate_limit", &CoverParameters::duplicate_limit, 0, 1},
    {"place_share", &CoverParameters::place_share, 0, 1},
    {"size_share", &CoverParameters::size_share, 0, 1},
    {"belief_rate", &CoverParameters::belief_rate, 0, 1},
    {"open_belief", &CoverParameters::open_belief, 0, 1},
    {"covered_belief", &CoverParameters::covered_belief, 0, 1},
    {"least_belief", &CoverParameters::least_belief, 0, 1},
    {"longest_unseen", &CoverParameters::longest_unseen, 0, 1e6},
    {"unseen_hits", &CoverParameters::unseen_hits, 0, 1e6},
};

/// What is known of a track between two frames.
struct CoverState {
  xtwh::State motion;
  double score;
  std::int64_t id;  ///< 0: none yet.
  std::int64_t class_id, detection;
  double last_time, start_time;
  Status status;
  std::int64_t hits;  ///< Detections that it was given.
  Box last_box;       ///< The last of them, in the pixels of the last frame.
  double cover;       ///< Share of its box that somebody nearer hides.
  double surprise;    ///< Mean normalised squared innovation of its place.
  double belief;      ///< That the person is there, in [0, 1].
};

/// CoverTrack: BYTE's association with a belief, for each track, that the person is still there.
///
/// It does what `yolox.tracker.covertrack.CoverTrack` does, which is the definition.
///
/// Memory stays at what the fullest frame needed. An instance is for one thread at a time.
class CoverTracker {
 public:
  /// All that `update` changes.
  struct Snapshot {
    std::int64_t frame = 0, next_id = 1;
    double time = 0;
    std::vector<CoverState> tracks;
    Shift camera_shift;  ///< As it was estimated last.
  };

  /// Throws InputError where a parameter is out of range.
  explicit CoverTracker(const CoverParameters& parameters = {});

  /// Take in the next frame; one without detections is a frame too.
  ///
  /// Returns the tracks of this frame by rising id, the believed ones too; the reference is good
  /// until the next call. Throws InputError where an argument is malformed; the tracker is then as
  /// it was before.
  const std::vector<Track>& update(const DetectionView& detections, const FrameStep& step = {});

  /// Copy out all that `update` changes.
  Snapshot save() const;

  /// Go on where a tracker of the same parameters stood.
  void restore(const Snapshot& snapshot);

  /// Forget everything: the next frame is the first, the next id is 1.
  void reset();

  /// Frames seen since the start or the last reset.
  std::int64_t frame() const { return frame_; }

  /// Tracks that are kept, lost and new ones too.
  std::size_t track_count() const { return tracks_.size(); }

 private:
  struct Row : CoverState {
    Box box;             // of `motion`
    std::int32_t place;  // among all, from left to right, when they were last ordered
    bool dropped;        // at the end of this frame
  };
  using Items = std::vector<sweep::Item>;
  using Cost = double (CoverTracker::*)(const Row&, const Box&, double score) const;

  void split_by_score(const DetectionView& detections);
  void predict(double dt);
  void follow_camera(const FrameStep& step);
  CameraMotion estimate_camera(double dt);
  void arrange();
  template <typename Condition>
  void select(Items& into, Condition condition) const;
  void find_cover(const Items& tracks);
  void associate_high(const DetectionView& detections);
  void associate_low(const DetectionView& detections, double dt);
  void associate_new(const DetectionView& detections);
  Box reach(const Row& row) const;
  bool waits_for_low_scores(const Row& row, double dt) const;
  void find_pairs(const Items& tracks, const Items& candidates, double limit, Cost cost_of,
                  const DetectionView& detections);
  void assign(const DetectionView& detections);
  double high_cost(const Row& row, const Box& box, double score) const;
  double wide_overlap(const Box& box, const Box& found) const;
  double low_cost(const Row& row, const Box& box, double score) const;
  double new_cost(const Row& row, const Box& box, double score) const;
  double distance(const Row& row, const Box& box) const;
  double error_share(const Row& row, double score) const;
  void correct(Row& row, const DetectionView& detections, std::int32_t detection) const;
  void record(Row& row, const DetectionView& detections, std::int32_t detection) const;
  void settle();
  void start_tracks(const DetectionView& detections);
  void drop_expired();
  void drop_duplicates();
  void doubt(double dt);
  void drop_marked();
  bool is_believed(const Row& row) const;
  void report(const DetectionView& detections);
  Box blend(const Box& filtered, const Box& found) const;

  CoverParameters parameters_;
  xtwh::Noise noise_;
  double longest_loss_, longest_unseen_;  // frames
  double pace_;                           // thirtieths of a second a frame

  std::int64_t frame_ = 0;
  double time_ = 0;
  std::int64_t next_id_ = 1;
  Shift camera_shift_;
  std::vector<Row> tracks_;  // by rising id: those without one are the newest
  std::vector<Track> output_;

  // Working memory: each side of an association, ordered from left to right.
  Items high_, low_, wide_, everyone_, known_, seen_, lost_;
  std::vector<Shift> velocities_;
  std::vector<Pair> pairs_;
  std::vector<bool> taken_;  // detections that a seen track stands in place of
  std::vector<std::int32_t> by_place_;  // rows, −1 where one was dropped
  std::int32_t places_ = 0;
  Assignment assignment_;
  BoxCamera camera_;
};

}  // namespace bytetrack
