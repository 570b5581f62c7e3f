#include "bytetrack/mot_text.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "bytetrack/input_error.hpp"
#include "check.hpp"

using bytetrack::InputError;
namespace mot = bytetrack::mot;

namespace {

mot::DetectionTable parse(const std::string& text) { return mot::parse_detections(text, "a.txt"); }

}  // namespace

TEST(a_row_by_hand) {
  const auto table = parse("3,-1,1.5,2,10,+2e1,0.75,4,-1,-1\n");
  CHECK(table.last_frame() == 3 && table.detections.size() == 1);
  const auto& [box, score, class_id] = table.detections[0];
  CHECK(box.left == 1.5 && box.top == 2 && box.right == 11.5 && box.bottom == 22);
  CHECK(score == 0.75 && class_id == 4);
}

TEST(as_it_comes_from_anywhere) {
  const auto table =
      parse("\xEF\xBB\xBF\n2,-1, 1,1,5,5 ,0.5,\r\n\r\n  1,-1,2,2,5,5,0.6\n2,-1,3,3,5,5,0.7");
  CHECK((table.frames == std::vector<std::int64_t>{1, 2, 2}));
  CHECK(table.detections[0].score == 0.6);
  CHECK(table.detections[1].box.left == 1 && table.detections[2].box.left == 3);
}

TEST(a_class_below_zero_is_none) { CHECK(parse("1,-1,0,0,1,1,1,-1").detections[0].class_id == 0); }

TEST(nothing_is_a_table_without_rows) {
  CHECK(parse("").last_frame() == 0);
  CHECK(parse("\n \r\n").frames.empty());
}

TEST(what_is_wrong_is_named) {
  const auto refused = [](const std::string& row, const std::string& fault) {
    CHECK_THROWS(InputError, "a.txt:2: " + fault, parse("1,-1,0,0,1,1,1\n" + row));
  };
  refused("1,-1,0,0,1,1", "has 6 columns, comma-separated; give 7, 8, 9 or 10");
  refused("1,-1,0,0,1,1,1,1,1,1,1", "has more than 10 columns; give 7, 8, 9 or 10");
  refused("1,-1,0,0,1,1,1,1",
          "has 8 columns, the first row has 7; give every row the same columns");
  refused("1,-1,0,0,x,1,1", "column 5 is 'x'; give a number");
  refused("1,-1,0,0,,1,1", "column 5 is ''; give a number");
  refused("1,-1,0,0,+-1,1,1", "column 5 is '+-1'; give a number");
  refused("1,-1,0,0,nan,1,1", "column 5 is nan; give a finite number");
  refused("1,-1,0,0,1e999,1,1", "column 5 is 1e999; give a finite number");
  refused("0,-1,0,0,1,1,1", "column 1 is 0; frames count from 1");
  refused("1.5,-1,0,0,1,1,1", "column 1 is 1.5; give a whole number");
  refused("1e8,-1,0,0,1,1,1", "column 1 is 1e+08; frames go up to 10000000");
  refused("1,-1,0,0,-1,1,1", "column 5 is -1; width and height may not be negative");
  refused("1,-1,0,6e6,1,1,1", "column 4 is 6e+06; boxes are pixels within ±5e+06");
  refused("1,-1,0,0,1,1,90", "column 7 is 90; scores lie in [0, 1]: divide percentages by 100");
  CHECK_THROWS(InputError, "a.txt:1: column 8 is 0.5; give a whole number",
               parse("1,-1,0,0,1,1,1,0.5"));
}

TEST(what_is_no_text_is_not_shown) {
  CHECK_THROWS(InputError, "a.txt: holds a zero byte and is no text; give a text file of detections",
               parse(std::string("\x93NUMPY\1\0", 8)));
}

TEST(a_file_that_is_not_there_is_named) {
  CHECK_THROWS(InputError, "none.txt: cannot be read; give a text file of detections",
               mot::read_detections("none.txt"));
  CHECK_THROWS(InputError, ".: cannot be read; give a text file of detections",
               mot::read_detections("."));
}

TEST(a_file_is_read) {
  const char* path = "test_mot_text.txt";
  std::ofstream(path) << "1,-1,0,0,1,1,1\n";
  CHECK(mot::read_detections(path).last_frame() == 1);
  std::ofstream(path, std::ios::trunc).close();
  CHECK(mot::read_detections(path).last_frame() == 0);
  std::remove(path);
}

TEST(tracks_are_written_as_motchallenge_takes_them) {
  bytetrack::TrackTable table;
  table.frames = {7};
  table.tracks = {{12, {1.25, 2, 11.5, 22.125}, 0.87654, 3, 0}};
  std::ostringstream text;
  mot::write_tracks(text, table);
  CHECK(text.str() == "7,12,1.25,2.00,10.25,20.12,0.8765,-1,-1,-1\n");
}
