#pragma once

#include <optional>
#include <vector>

#include "bytetrack/parameter.hpp"

namespace bytetrack {

/// The parameters of CoverTrack; `docs/trackers/covertrack.md` tells in full what is said of each
/// below.
struct CoverParameters {
  double track_thresh = 0.5;
  double low_thresh = 0.1;
  double new_thresh = 0.6;
  double match_thresh = 0.9;
  double low_match_thresh = 0.5;
  double new_match_thresh = 0.7;
  double track_buffer = 30;
  double frame_rate = 30;
  std::optional<double> image_width;
  bool class_aware = false;
  bool box_camera = true;

  // Of motion and measurement, as shares of the height.
  double position_noise = 0.05;
  double velocity_noise = 0.006;
  double size_noise = 0.025;
  double size_velocity_noise = 0.0015;
  double position_error = 0.07;
  double size_error = 0.07;
  double score_trust = 0.3;
  double cover_error = 0.5;
  double adaptation = 1;

  // Of the costs.
  double height_power = 0.3;
  double lost_margin = 0.2;
  double last_box = 0;
  double distance_cost = 0.05;
  double lost_distance_cost = 0.2;
  double low_distance_cost = 0.3;
  double low_score_wait = 2;
  double new_overlap = 0.6;
  double duplicate_limit = 0.08;

  // Of what is put out.
  double place_share = 0.5;
  double size_share = 0.5;
  double belief_rate = 0.1;
  double open_belief = 0.9;
  double covered_belief = 1;
  double least_belief = 0.6;
  double longest_unseen = 0.4;
  double unseen_hits = 2;

  /// List them, in the order of the definition.
  static const std::vector<Parameter<CoverParameters>>& declared();
};

inline const std::vector<Parameter<CoverParameters>>& CoverParameters::declared() {
  using P = CoverParameters;
  static const std::vector<Parameter<P>> parameters{
      {"track_thresh", &P::track_thresh, 0, 1, "score from which a detection is a high-score one"},
      {"low_thresh", &P::low_thresh, 0, 1, "score from which a detection is used at all"},
      {"new_thresh", &P::new_thresh, 0, 1, "score that starts a track"},
      {"match_thresh", &P::match_thresh, 0, 10, "cost below which a high-score match is allowed"},
      {"low_match_thresh", &P::low_match_thresh, 0, 10,
       "cost below which a low-score match is allowed"},
      {"new_match_thresh", &P::new_match_thresh, 0, 10,
       "cost below which a new track's second detection is one"},
      {"track_buffer", &P::track_buffer, 0, 1e6,
       "frames that a lost track is kept, at 30 frames a second"},
      {"frame_rate", &P::frame_rate, 1e-3, 1e6, "frames a second, to which times and speeds refer"},
      {"image_width", &P::image_width, 1, 1e6,
       "pixels; who is half out of the image is then not put out unseen"},
      {"class_aware", &P::class_aware, 0, 1, "never give a track a detection of another class"},
      {"box_camera", &P::box_camera, 0, 1,
       "estimate the camera's motion from the boxes where it is not given"},
      {"position_noise", &P::position_noise, 1e-6, 10,
       "unforeseen motion in 1/30 s, as a share of the height"},
      {"velocity_noise", &P::velocity_noise, 1e-6, 10,
       "unforeseen change of the speed a frame, likewise"},
      {"size_noise", &P::size_noise, 1e-6, 10,
       "unforeseen change of width and height in 1/30 s, likewise"},
      {"size_velocity_noise", &P::size_velocity_noise, 1e-6, 10,
       "unforeseen change of their speed a frame, likewise"},
      {"position_error", &P::position_error, 1e-6, 10,
       "error of a detection's place, as a share of the height"},
      {"size_error", &P::size_error, 1e-6, 10, "error of a detection's width and height, likewise"},
      {"score_trust", &P::score_trust, 0, 0.99,
       "by how much a score of 1 makes these errors smaller"},
      {"cover_error", &P::cover_error, 0, 10,
       "by how much being covered all over makes them larger"},
      {"adaptation", &P::adaptation, 0, 10,
       "how far the noise follows a track's own surprises; 0: not"},
      {"height_power", &P::height_power, 0, 10,
       "power of the overlap in height that an overlap is multiplied by"},
      {"lost_margin", &P::lost_margin, 0, 10,
       "share of its size that boxes grow by on every side for lost tracks"},
      {"last_box", &P::last_box, 0, 1,
       "share that a lost track's overlap with its last detection counts"},
      {"distance_cost", &P::distance_cost, 0, 10, "cost of a squared Mahalanobis distance of 10"},
      {"lost_distance_cost", &P::lost_distance_cost, 0, 10, "the same for lost tracks"},
      {"low_distance_cost", &P::low_distance_cost, 0, 10, "the same for low scores"},
      {"low_score_wait", &P::low_score_wait, 0, 1e6,
       "thirtieths of a second that a track may be lost and still get a low score"},
      {"new_overlap", &P::new_overlap, 0, 1,
       "IoU with a track above which a detection does not start one"},
      {"duplicate_limit", &P::duplicate_limit, 0, 1,
       "1 - IoU below which a seen and a lost track are one"},
      {"place_share", &P::place_share, 0, 1,
       "share of the detection in the place put out, beside the filter's"},
      {"size_share", &P::size_share, 0, 1, "the same for width and height"},
      {"belief_rate", &P::belief_rate, 0, 1, "share of a new score in the belief"},
      {"open_belief", &P::open_belief, 0, 1,
       "share of the belief left after 1/30 s unseen in plain view"},
      {"covered_belief", &P::covered_belief, 0, 1, "the same for who is covered all over"},
      {"least_belief", &P::least_belief, 0, 1, "belief down to which who is not seen is put out"},
      {"longest_unseen", &P::longest_unseen, 0, 1e6,
       "seconds for which who is not seen is put out at most"},
      {"unseen_hits", &P::unseen_hits, 0, 1e6, "detections before one may be put out unseen"},
  };
  return parameters;
}

}  // namespace bytetrack
