#pragma once

#include "bytetrack/box.hpp"
#include "bytetrack/camera_motion.hpp"
#include "bytetrack/kalman.hpp"

/// The motion model of CoverTrack: middle of the top edge, width and height, noise by the height;
/// `yolox/tracker/motion/xtwh.py` decides what is right.
namespace bytetrack::xtwh {

using kalman::State;  // the coordinates in the order above

/// Standard deviations as shares of the height; `Noise` of the Python file tells each in full.
struct Noise {
  double position, size;                    // of unforeseen motion
  double velocity, size_velocity;           // of unforeseen change of the speed
  double measured_position, measured_size;  // of a detection
};

/// Start a track at rest. `pace` are the thirtieths of a second between two frames.
State initiate(const Box& box, const Noise& noise, double pace);

/// Move a track `dt` frames ahead.
///
/// Args:
///   size_held: Nobody sees the track: its size stops changing.
///   share: What the variance of its own motion is multiplied by.
void predict(State& state, bool size_held, const Noise& noise, double share, double dt,
             double pace);

/// Bring a track of the last frame into the pixels of this one.
void move_camera(State& state, const CameraMotion& camera);

/// Correct a track by what was measured, whose usual deviations are multiplied by `error_share`.
void update(State& state, const Box& box, const Noise& noise, double error_share);

/// Normalised squared innovation of the place of a predicted track; 1 in the mean.
double surprise(const State& state, const Box& box, const Noise& noise, double error_share);

/// Squared Mahalanobis distance of a box from a predicted track.
double squared_distance(const State& state, const Box& box, const Noise& noise,
                        double error_share);

/// Read the box of a track.
Box to_box(const State& state);

}  // namespace bytetrack::xtwh
