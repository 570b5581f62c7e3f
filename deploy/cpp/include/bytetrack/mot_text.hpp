#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "bytetrack/detection.hpp"
#include "bytetrack/sequence.hpp"

/// MOTChallenge's text files, read as `yolox/formats/mot.py` reads them.
///
/// Rows are `frame,id,left,top,width,height,…`, frames from 1, image pixels. Windows line ends, a
/// byte order mark, blank lines, trailing commas and any row order read right. Everything else
/// that is not as it should be is an InputError that names file and line; no row is skipped.
namespace bytetrack::mot {

/// The detections of a sequence, by frame; rows of a frame stay in the order of the file.
struct DetectionTable {
  std::vector<std::int64_t> frames;
  std::vector<Detection> detections;

  /// The largest frame number, 0 for a table without rows.
  std::int64_t last_frame() const { return frames.empty() ? 0 : frames.back(); }
};

/// Parse detections: `frame,any,x,y,w,h,score[,class[,any,any]]`.
///
/// A class below 0 means that the file names none, and becomes 0.
///
/// Args:
///   text: The whole file.
///   name: Of the file, for errors.
DetectionTable parse_detections(std::string_view text, const std::string& name);

/// Read a file of detections; see `parse_detections`. Throws InputError also if it is not there.
DetectionTable read_detections(const std::string& path);

/// Write results as MOTChallenge takes them: `frame,id,x,y,w,h,score,-1,-1,-1`.
void write_tracks(std::ostream& file, const TrackTable& table);

}  // namespace bytetrack::mot
