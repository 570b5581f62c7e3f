// `yolox.tracker._native`: the trackers on NumPy arrays. Input is read where it lies if its type
// fits; output is written straight into new arrays.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "bytetrack/byte_tracker.hpp"
#include "bytetrack/cover_tracker.hpp"
#include "bytetrack/input_error.hpp"
#include "bytetrack/sequence.hpp"

namespace py = pybind11;
using bytetrack::ByteState;
using bytetrack::ByteTracker;
using bytetrack::CameraMotion;
using bytetrack::CoverState;
using bytetrack::CoverTracker;
using bytetrack::DetectionView;
using bytetrack::FrameStep;
using bytetrack::InputError;
using bytetrack::Track;
using bytetrack::Tracker;

namespace {

using Floats = py::array_t<double, py::array::c_style | py::array::forcecast>;
using Integers = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;

constexpr py::ssize_t kOutputColumns = 8;

/// Make a tracker from parameters by their names; what is None stays unset.
template <typename Kind>
Kind make(const py::kwargs& given) {
  typename Kind::Parameters parameters;
  const auto& known = Kind::Parameters::declared();
  for (const auto& [key, value] : given) {
    const auto name = key.template cast<std::string>();
    const auto parameter = std::find_if(known.begin(), known.end(),
                                        [&](const auto& one) { return name == one.name; });
    if (parameter == known.end()) throw InputError("there is no parameter " + name);
    if (!value.is_none()) parameter->set(parameters, value.template cast<double>());
  }
  return Kind(parameters);
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

py::tuple update(Tracker& tracker, const Floats& boxes, const Floats& scores,
                 const Integers& class_ids, double dt, const Maps& camera_motion) {
  return columns(tracker.update(view(boxes, scores, class_ids), step(dt, camera_motion)));
}

/// Give frames, then what `columns` gives.
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

/// The fields of a track's state as NumPy tells of them, in the order of the definition's.
template <typename State>
struct Fields {
  py::list names, formats, offsets;

  template <typename Value>
  void add(const char* name, Value State::*member, const char* format) {
    const State state{};
    const auto* start = reinterpret_cast<const char*>(&state);
    names.append(name);
    formats.append(format);
    offsets.append(reinterpret_cast<const char*>(&(state.*member)) - start);
  }
};

void add_own(Fields<ByteState>& fields) { fields.add("expired", &ByteState::expired, "?"); }

void add_own(Fields<CoverState>& fields) {
  fields.add("hits", &CoverState::hits, "i8");
  fields.add("last_box", &CoverState::last_box, "4f8");
  fields.add("cover", &CoverState::cover, "f8");
  fields.add("surprise", &CoverState::surprise, "f8");
  fields.add("belief", &CoverState::belief, "f8");
}

/// Describe a state as it lies in memory.
template <typename State>
py::dtype dtype_of() {
  static_assert(std::is_trivially_copyable_v<State>);
  Fields<State> fields;
  fields.template add<std::int64_t>("id", &State::id, "i8");
  fields.template add<double>("score", &State::score, "f8");
  fields.template add<std::int64_t>("class_id", &State::class_id, "i8");
  fields.template add<std::int64_t>("detection", &State::detection, "i8");
  fields.template add<double>("last_time", &State::last_time, "f8");
  fields.template add<bytetrack::kalman::State>("motion", &State::motion, "(5,4)f8");
  fields.template add<bytetrack::Status>("state", &State::status, "i1");
  fields.template add<double>("start_time", &State::start_time, "f8");
  add_own(fields);
  return {fields.names, fields.formats, fields.offsets, sizeof(State)};
}

/// Give frame, time, next id and the tracks as `(N,)` of what `dtype_of` describes.
template <typename State, typename Kind>
py::tuple save(const Kind& tracker) {
  const auto snapshot = tracker.save();
  py::array rows(dtype_of<State>(), static_cast<py::ssize_t>(snapshot.tracks.size()));
  std::copy(snapshot.tracks.begin(), snapshot.tracks.end(),
            static_cast<State*>(rows.mutable_data()));
  return py::make_tuple(snapshot.frame, snapshot.time, snapshot.next_id, std::move(rows));
}

template <typename State, typename Kind>
void restore(Kind& tracker, std::int64_t frame, double time, std::int64_t next_id,
             const py::array& given) {
  if (given.ndim() != 1 || !given.dtype().equal(dtype_of<State>())) {
    throw InputError("rows are of another kind; give those of save");
  }
  const py::array rows = py::array::ensure(given, py::array::c_style);
  auto snapshot = tracker.save();  // with what else it knows
  snapshot.frame = frame;
  snapshot.time = time;
  snapshot.next_id = next_id;
  const auto* begin = static_cast<const State*>(rows.data());
  snapshot.tracks.assign(begin, begin + rows.size());
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

/// Define a tracker whose tracks are `State`s.
template <typename State, typename Kind>
py::class_<Kind, Tracker> define(const py::module_& module, const char* name) {
  py::class_<Kind, Tracker> type(module, name);
  type.def(py::init(&make<Kind>))
      .def("save", &save<State, Kind>)
      .def("restore", &restore<State, Kind>, py::arg("frame"), py::arg("time"),
           py::arg("next_id"), py::arg("rows"));
  return type;
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

  py::class_<Tracker>(module, "Tracker")
      .def("update", &update, py::arg("boxes"), py::arg("scores"), py::arg("class_ids"),
           py::arg("dt") = 1.0, py::arg("camera_motion") = py::none())
      .def("update_rows", &update_rows, py::arg("rows"), py::arg("dt") = 1.0,
           py::arg("camera_motion") = py::none())
      .def("track_sequence", &track_sequence, py::arg("frames"), py::arg("boxes"),
           py::arg("scores"), py::arg("class_ids"), py::arg("length"), py::arg("dt") = 1.0,
           py::arg("camera_motion") = py::none())
      .def("reset", &Tracker::reset)
      .def_property_readonly("frame", &Tracker::frame)
      .def_property_readonly("track_count", &Tracker::track_count);
  define<ByteState, ByteTracker>(module, "ByteTracker");
  define<CoverState, CoverTracker>(module, "CoverTracker")
      .def_property("camera_shift", &camera_shift, &set_camera_shift);
}
