#pragma once

#include <cstdint>
#include <vector>

#include "bytetrack/assignment.hpp"
#include "bytetrack/box.hpp"
#include "bytetrack/box_camera.hpp"
#include "bytetrack/cover_parameters.hpp"
#include "bytetrack/tracker.hpp"
#include "bytetrack/xtwh.hpp"

namespace bytetrack {

/// What CoverTrack knows of a track between two frames.
struct CoverState : TrackState {
  std::int64_t hits;  ///< Detections that it was given.
  Box last_box;       ///< The last of them, in the pixels of the last frame.
  double cover;       ///< Share of its box that somebody nearer hides.
  double surprise;    ///< Mean normalised squared innovation of its place.
  double belief;      ///< That the person is there, in [0, 1].

  Box to_box() const;
};

/// CoverTrack: BYTE's association with a belief, for each track, that the person is still there.
///
/// It does what `yolox.tracker.covertrack.CoverTrack` does, which is the definition. Who is believed
/// to be hidden is put out too, with detection −1.
class CoverTracker : public TrackerOf<CoverState> {
 public:
  using Parameters = CoverParameters;
  static constexpr const char* kName = "covertrack";

  struct Snapshot : TrackerOf<CoverState>::Snapshot {
    Shift camera_shift;  ///< As it was estimated last.
  };

  /// Throws InputError where a parameter is out of range.
  explicit CoverTracker(const CoverParameters& parameters = {});

  Snapshot save() const;
  void restore(const Snapshot& snapshot);
  void reset() override;

 protected:
  void take_in(const DetectionView& detections, const FrameStep& step) override;

 private:
  using Cost = double (CoverTracker::*)(const Row&, const Box&, double score) const;

  void split_by_score(const DetectionView& detections);
  void predict(double dt);
  void follow_camera(const FrameStep& step);
  CameraMotion estimate_camera(double dt);
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
  void settle();
  void start_tracks(const DetectionView& detections);
  void drop_expired();
  void doubt(double dt);
  bool is_believed(const Row& row) const;
  void report(const DetectionView& detections);
  Box blend(const Box& filtered, const Box& found) const;

  CoverParameters parameters_;
  xtwh::Noise noise_;
  double longest_loss_, longest_unseen_;  // frames
  double pace_;                           // thirtieths of a second a frame

  Shift camera_shift_;

  // Working memory: each side of an association, ordered from left to right.
  Items high_, low_, wide_, known_, seen_, lost_;
  std::vector<Shift> velocities_;
  std::vector<Pair> pairs_;
  std::vector<bool> taken_;  // detections that a seen track stands in place of
  Assignment assignment_;
  BoxCamera camera_;
};

}  // namespace bytetrack
