#pragma once

#include "bytetrack/box.hpp"
#include "bytetrack/camera_motion.hpp"
#include "bytetrack/kalman.hpp"

/// The motion model of DeepSORT and BYTE: a constant-velocity Kalman filter over centre x, centre y,
/// aspect ratio and height, its noise by the height; `yolox/tracker/motion/xyah.py` decides what is
/// right.
namespace bytetrack::motion {

using kalman::State;  // the coordinates in the order above

/// Start a track at rest where it was measured.
State initiate(const Box& box);

/// Move a track `dt` frames ahead; with `height_held` (nobody sees it) its height stops changing.
void predict(State& state, bool height_held, double dt = 1);

/// Bring a track of the last frame into the pixels of this one.
void move_camera(State& state, const CameraMotion& camera);

/// Correct a track by what was measured.
void update(State& state, const Box& box);

/// Squared Mahalanobis distance of a box from a predicted track: chi-squared, 4 degrees of freedom.
double squared_distance(const State& state, const Box& box);

/// Read the box of a track.
Box to_box(const State& state);

}  // namespace bytetrack::motion
