#pragma once

#include <optional>
#include <vector>

#include "bytetrack/parameter.hpp"

namespace bytetrack {

/// The parameters of BYTE; `docs/trackers/byte.md` tells in full what is said of each below.
struct ByteParameters {
  double track_thresh = 0.6;
  double low_thresh = 0.1;
  std::optional<double> new_thresh;
  double match_thresh = 0.9;
  double track_buffer = 30;
  double frame_rate = 30;
  bool fuse_score = true;
  bool class_aware = false;
  bool motion_gate = false;
  bool legacy = true;

  /// List them, in the order of the definition.
  static const std::vector<Parameter<ByteParameters>>& declared();
};

inline const std::vector<Parameter<ByteParameters>>& ByteParameters::declared() {
  using P = ByteParameters;
  static const std::vector<Parameter<P>> parameters{
      {"track_thresh", &P::track_thresh, 0, 1,
       "score above which a detection is a high-score one"},
      {"low_thresh", &P::low_thresh, 0, 1, "score above which a detection is used at all"},
      {"new_thresh", &P::new_thresh, 0, 1,
       "score that starts a track; track_thresh + 0.1 unless given"},
      {"match_thresh", &P::match_thresh, 0, 1,
       "cost below which a high-score match is allowed"},
      {"track_buffer", &P::track_buffer, 0, 1e6,
       "frames that a lost track is kept, at 30 frames a second"},
      {"frame_rate", &P::frame_rate, 1e-3, 1e6, "frames a second; scales track_buffer"},
      {"fuse_score", &P::fuse_score, 0, 1, "multiply the overlap by the detection's score"},
      {"class_aware", &P::class_aware, 0, 1,
       "never give a track a detection of another class"},
      {"motion_gate", &P::motion_gate, 0, 1,
       "forbid matches that the motion model finds unlikely"},
      {"legacy", &P::legacy, 0, 1,
       "keep the original's quirks, on which its published numbers rest"},
  };
  return parameters;
}

}  // namespace bytetrack
