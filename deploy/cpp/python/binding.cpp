// `yolox.tracker._native`: the trackers on NumPy arrays. Input is read where it lies if its type
// fits; output is written straight into new arrays.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bytetrack/byte_tracker.hpp"
#include "bytetrack/cover_tracker.hpp"
#include "bytetrack/input_error.hpp"
#include "bytetrack/sequence.hpp"

namespace py = pybind11;
namespace kalman = bytetrack::kalman;
using bytetrack::Box;
using bytetrack::ByteTracker;
using bytetrack::CameraMotion;
using bytetrack::CoverState;
using bytetrack::CoverTracker;
using bytetrack::DetectionView;
using bytetrack::FrameStep;
using bytetrack::InputError;
using bytetrack::Parameters;
using bytetrack::Status;
using bytetrack::Track;
using bytetrack::TrackState;

namespace {

using Floats = py::array_t<double, py::array::c_style | py::array::forcecast>;
using Integers = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;

constexpr py::ssize_t kOutputColumns = 8;

ByteTracker make(double track_thresh, double low_thresh, std::optional<double> new_thresh,
                 double match_thresh, double track_buffer, double frame_rate, bool fuse_score,
                 bool class_aware, bool motion_gate, bool legacy) {
  return ByteTracker({track_thresh, low_thresh, new_thresh, match_thresh, track_buffer, frame_rate,
                      fuse_score, class_aware, motion_gate, legacy});
}

/// Make a tracker from parameters by their names.
CoverTracker make_cover(const py::kwargs& given) {
  bytetrack::CoverParameters parameters;
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    const auto number = std::find_if(
        std::begin(bytetrack::kCoverNumbers), std::end(bytetrack::kCoverNumbers),
        [&](const bytetrack::CoverNumber& known) { return name == known.name; });
    if (number != std::end(bytetrack::kCoverNumbers)) {
      parameters.*number->value = value.cast<double>();
    } else if (name == "image_width") {
      parameters.image_width = value.cast<std::optional<double>>();
    } else if (name == "class_aware") {
      parameters.class_aware = value.cast<bool>();
    } else if (name == "box_camera") {
      parameters.box_camera = value.cast<bool>();
    } else {
      throw InputError("there is no parameter " + name);
    }
  }
  return CoverTracker(parameters);
}

using Maps = std::optional<Floats>;

CameraMotion read_map(const double* map) {
  return {map[0], map[1], map[2], map[3], map[4], map[5]};
}

FrameStep step(double dt, const Maps& map) {
  if (!map) return {dt};
  if (map->ndim() != 2 || map->shape(0) != 2 || map->shape(1) != 3) {
    throw InputError("camera_motion has another shape; give (2, 3)");
  }
  return {dt, read_map(map->data())};
}

/// View arrays as the detections that they are, checking their shapes.
DetectionView view(const Floats& boxes, const Floats& scores, const Integers& class_ids) {
  const py::ssize_t count = scores.size();
  if (scores.ndim() != 1 || class_ids.ndim() != 1 || class_ids.size() != count ||
      boxes.ndim() != 2 || boxes.shape(0) != count || boxes.shape(1) != 4) {
    throw InputError("shapes do not fit; give boxes (N, 4), scores (N,) and class_ids (N,)");
  }
  return {boxes.data(), 4, scores.data(), 1, class_ids.data(), 1, static_cast<std::size_t>(count)};
}

template <typename Tracker>
py::array_t<double> update_rows(Tracker& tracker, const Floats& rows, double dt,
                                const Maps& camera_motion) {
  if (rows.size() != 0 && (rows.ndim() != 2 || rows.shape(1) != 5)) {
    throw InputError("rows have another shape; give (N, 5): x1, y1, x2, y2, score");
  }
  const double* data = rows.data();
  const auto count = static_cast<std::size_t>(rows.size()) / 5;
  const auto& tracks =
      tracker.update({data, 5, data + 4, 5, nullptr, 0, count}, step(dt, camera_motion));
  py::array_t<double> output({static_cast<py::ssize_t>(tracks.size()), kOutputColumns});
  double* at = output.mutable_data();
  for (const Track& track : tracks) {
    *at++ = track.box.left;
    *at++ = track.box.top;
    *at++ = track.box.right;
    *at++ = track.box.bottom;
    *at++ = static_cast<double>(track.id);
    *at++ = track.score;
    *at++ = static_cast<double>(track.class_id);
    *at++ = static_cast<double>(track.detection);
  }
  return output;
}

/// Give ids, boxes, scores, class ids and detection indices.
py::tuple columns(const std::vector<Track>& tracks) {
  const auto count = static_cast<py::ssize_t>(tracks.size());
  py::array_t<std::int64_t> ids(count), class_ids(count), detections(count);
  py::array_t<double> boxes({count, py::ssize_t{4}}), scores(count);
  std::int64_t *id = ids.mutable_data(), *class_id = class_ids.mutable_data(),
               *detection = detections.mutable_data();
  double *box = boxes.mutable_data(), *score = scores.mutable_data();
  for (const Track& track : tracks) {
    *id++ = track.id;
    *class_id++ = track.class_id;
    *detection++ = track.detection;
    *box++ = track.box.left;
    *box++ = track.box.top;
    *box++ = track.box.right;
    *box++ = track.box.bottom;
    *score++ = track.score;
  }
  return py::make_tuple(std::move(ids), std::move(boxes), std::move(scores), std::move(class_ids),
                        std::move(detections));
}

template <typename Tracker>
py::tuple update(Tracker& tracker, const Floats& boxes, const Floats& scores,
                 const Integers& class_ids, double dt, const Maps& camera_motion) {
  return columns(tracker.update(view(boxes, scores, class_ids), step(dt, camera_motion)));
}

/// Give frames, then what `columns` gives.
template <typename Tracker>
py::tuple track_sequence(Tracker& tracker, const Integers& frames, const Floats& boxes,
                         const Floats& scores, const Integers& class_ids, std::int64_t length,
                         double dt, const Maps& camera_motion) {
  const DetectionView detections = view(boxes, scores, class_ids);
  if (frames.ndim() != 1 || frames.size() != scores.size()) {
    throw InputError("shapes do not fit; give frames (N,), one a detection");
  }
  step(dt, std::nullopt).check();
  std::vector<CameraMotion> maps;
  if (camera_motion) {
    if (camera_motion->ndim() != 3 || camera_motion->shape(0) != length ||
        camera_motion->shape(1) != 2 || camera_motion->shape(2) != 3) {
      throw InputError("camera_motion has another shape; give (length, 2, 3)");
    }
    for (std::int64_t frame = 0; frame < length; ++frame) {
      maps.push_back(read_map(camera_motion->data() + 6 * frame));
    }
  }
  bytetrack::TrackTable table;
  {
    py::gil_scoped_release others_may_run;
    table = bytetrack::track_sequence(tracker, frames.data(), detections, length, dt,
                                      camera_motion ? maps.data() : nullptr);
  }
  py::array_t<std::int64_t> track_frames(static_cast<py::ssize_t>(table.frames.size()),
                                         table.frames.data());
  return py::make_tuple(std::move(track_frames), columns(table.tracks));
}

/// The filter's numbers as NumPy's `(5, 4)`.
using Motion = double[5][kalman::kCoordinates];
static_assert(sizeof(Motion) == sizeof(kalman::State));

/// A track's state as a row of `ByteTrack.track_dtype`, field by field.
struct ByteRow {
  std::int64_t id;
  double score;
  std::int64_t class_id, detection;
  double last_time;
  Motion motion;
  std::int8_t status;
  double start_time;
  bool expired;
};

ByteRow as_row(const TrackState& track) {
  ByteRow row{track.id, track.score, track.class_id, track.detection, track.last_time, {},
              static_cast<std::int8_t>(track.status), track.start_time, track.expired};
  std::memcpy(row.motion, &track.motion, sizeof row.motion);
  return row;
}

TrackState as_state(const ByteRow& row) {
  TrackState track{{}, row.score, row.id, row.class_id, row.detection, row.last_time,
                   row.start_time, static_cast<Status>(row.status), row.expired};
  std::memcpy(&track.motion, row.motion, sizeof row.motion);
  return track;
}

/// The same for `CoverTrack`.
struct CoverRow {
  std::int64_t id;
  double score;
  std::int64_t class_id, detection;
  double last_time;
  Motion motion;
  std::int8_t status;
  double start_time;
  std::int64_t hits;
  double last_box[4];
  double cover, surprise, belief;
};

CoverRow as_row(const CoverState& track) {
  const Box& box = track.last_box;
  CoverRow row{track.id, track.score, track.class_id, track.detection, track.last_time, {},
               static_cast<std::int8_t>(track.status), track.start_time, track.hits,
               {box.left, box.top, box.right, box.bottom},
               track.cover, track.surprise, track.belief};
  std::memcpy(row.motion, &track.motion, sizeof row.motion);
  return row;
}

CoverState as_state(const CoverRow& row) {
  const auto& box = row.last_box;
  CoverState track{{}, row.score, row.id, row.class_id, row.detection, row.last_time,
                   row.start_time, static_cast<Status>(row.status), row.hits,
                   {box[0], box[1], box[2], box[3]}, row.cover, row.surprise, row.belief};
  std::memcpy(&track.motion, row.motion, sizeof row.motion);
  return track;
}

/// Give frame, time, next id and the tracks as `(N,)` of `Row`.
template <typename Tracker, typename Row>
py::tuple save(const Tracker& tracker) {
  const auto snapshot = tracker.save();
  py::array_t<Row> rows(static_cast<py::ssize_t>(snapshot.tracks.size()));
  Row* row = rows.mutable_data();
  for (const auto& track : snapshot.tracks) *row++ = as_row(track);
  return py::make_tuple(snapshot.frame, snapshot.time, snapshot.next_id, std::move(rows));
}

template <typename Tracker, typename Row>
void restore(Tracker& tracker, std::int64_t frame, double time, std::int64_t next_id,
             const py::array_t<Row, py::array::c_style>& rows) {
  auto snapshot = tracker.save();  // with what else it knows
  snapshot.frame = frame;
  snapshot.time = time;
  snapshot.next_id = next_id;
  snapshot.tracks.clear();
  for (py::ssize_t index = 0; index < rows.size(); ++index) {
    snapshot.tracks.push_back(as_state(rows.data()[index]));
  }
  tracker.restore(snapshot);
}

py::array_t<double> camera_shift(const CoverTracker& tracker) {
  const bytetrack::Shift shift = tracker.save().camera_shift;
  return py::array_t<double>(2, std::array{shift.x, shift.y}.data());
}

void set_camera_shift(CoverTracker& tracker, const std::array<double, 2>& shift) {
  auto snapshot = tracker.save();
  snapshot.camera_shift = {shift[0], shift[1]};
  tracker.restore(snapshot);
}

/// Define what every tracker has; `Row` holds its tracks when it is saved.
template <typename Row, typename Tracker>
void define_calls(py::class_<Tracker>& type) {
  type.def("update", &update<Tracker>, py::arg("boxes"), py::arg("scores"), py::arg("class_ids"),
           py::arg("dt") = 1.0, py::arg("camera_motion") = py::none())
      .def("update_rows", &update_rows<Tracker>, py::arg("rows"), py::arg("dt") = 1.0,
           py::arg("camera_motion") = py::none())
      .def("track_sequence", &track_sequence<Tracker>, py::arg("frames"), py::arg("boxes"),
           py::arg("scores"), py::arg("class_ids"), py::arg("length"), py::arg("dt") = 1.0,
           py::arg("camera_motion") = py::none())
      .def("save", &save<Tracker, Row>)
      .def("restore", &restore<Tracker, Row>, py::arg("frame"), py::arg("time"),
           py::arg("next_id"), py::arg("rows"))
      .def("reset", &Tracker::reset)
      .def_property_readonly("frame", &Tracker::frame)
      .def_property_readonly("track_count", &Tracker::track_count);
}

}  // namespace

PYBIND11_MODULE(_native, module) {
  module.doc() = "Trackers in C++; yolox.tracker.native is what to use.";

  py::register_local_exception_translator([](std::exception_ptr error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const InputError& wrong) {
      const py::object type = py::module_::import("yolox.structures").attr("InputError");
      PyErr_SetString(type.ptr(), wrong.what());
    }
  });

  PYBIND11_NUMPY_DTYPE_EX(ByteRow, id, "id", score, "score", class_id, "class_id", detection,
                          "detection", last_time, "last_time", motion, "motion", status, "state",
                          start_time, "start_time", expired, "expired");
  PYBIND11_NUMPY_DTYPE_EX(CoverRow, id, "id", score, "score", class_id, "class_id", detection,
                          "detection", last_time, "last_time", motion, "motion", status, "state",
                          start_time, "start_time", hits, "hits", last_box, "last_box", cover,
                          "cover", surprise, "surprise", belief, "belief");

  const Parameters defaults;
  py::class_<ByteTracker> byte(module, "ByteTracker");
  byte.def(py::init(&make), py::kw_only(), py::arg("track_thresh") = defaults.track_thresh,
           py::arg("low_thresh") = defaults.low_thresh,
           py::arg("new_thresh") = defaults.new_thresh,
           py::arg("match_thresh") = defaults.match_thresh,
           py::arg("track_buffer") = defaults.track_buffer,
           py::arg("frame_rate") = defaults.frame_rate,
           py::arg("fuse_score") = defaults.fuse_score,
           py::arg("class_aware") = defaults.class_aware,
           py::arg("motion_gate") = defaults.motion_gate, py::arg("legacy") = defaults.legacy);
  define_calls<ByteRow>(byte);

  py::class_<CoverTracker> cover(module, "CoverTracker");
  cover.def(py::init(&make_cover));
  define_calls<CoverRow>(cover);
  cover.def_property("camera_shift", &camera_shift, &set_camera_shift);
}
