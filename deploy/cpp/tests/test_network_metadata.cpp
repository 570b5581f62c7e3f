#include "bytetrack/network_metadata.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "bytetrack/input_error.hpp"
#include "check.hpp"

using bytetrack::InputError;
using bytetrack::Texts;

namespace {

const Texts kTexts{{"preprocessing", "legacy"}, {"class_names", R"(["person", "b\u00fcs"])"},
                   {"input_size", "[288, 512]"}, {"boxes", "decoded"},
                   {"embedding_dim", "64"},      {"weights_sha256", "ab12"},
                   {"bytetrack_reid", "0.9"}};

/// A field of the wire format that holds bytes, at most 127.
std::string field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

std::string entry(const std::string& key, const std::string& value) {
  return field(14, field(1, key) + field(2, value));
}

Texts parse_onnx(const std::string& bytes) {
  std::istringstream file(bytes);
  return bytetrack::parse_onnx_texts(file, "a.onnx");
}

Texts parse_json(const std::string& text) { return bytetrack::parse_json_texts(text, "a.json"); }

Texts changed(const std::string& key, const std::string& value) {
  Texts texts = kTexts;
  texts[key] = value;
  return texts;
}

}  // namespace

TEST(texts_are_understood) {
  const auto metadata = bytetrack::to_metadata(kTexts, "a.onnx");
  CHECK(metadata.preprocessing == bytetrack::Preprocessing::kLegacy);
  CHECK((metadata.class_names == std::vector<std::string>{"person", "b\xC3\xBCs"}));
  CHECK(metadata.input_size.height == 288 && metadata.input_size.width == 512);
  CHECK(metadata.boxes == bytetrack::Boxes::kDecoded && metadata.embedding_dim == 64);
  CHECK(metadata.weights_sha256 == "ab12" && metadata.version == "0.9");
  CHECK(!metadata.score_thresh && !metadata.nms_thresh);
  CHECK(*bytetrack::to_metadata(changed("nms_thresh", "0.7"), "").nms_thresh == 0.7);
  CHECK(bytetrack::to_metadata(changed("class_names", "[]"), "").class_names.empty());
  CHECK(bytetrack::to_metadata(changed("preprocessing", "current"), "").preprocessing ==
        bytetrack::Preprocessing::kCurrent);
}

TEST(what_is_not_understood_is_named) {
  const auto refused = [](const std::string& key, const std::string& value) {
    CHECK_THROWS(InputError,
                 "a.onnx: its metadata say that " + key + " is '" + value +
                     "', unknown to this version; export it anew",
                 bytetrack::to_metadata(changed(key, value), "a.onnx"));
  };
  refused("preprocessing", "new");
  refused("boxes", "round");
  for (const char* names : {"", "[", "[\"a\"", "[\"a\",]", "[1]", "[\"a\"] 1", "[\"\\x\"]",
                            "[\"\\ud800\"]", "[\"\\udc00\"]", "[\"\\u12\"]", "[\"\\u-000\"]"}) {
    refused("class_names", names);
  }
  for (const char* size : {"288", "[288]", "[1, 2, 3]", "[0, 32]", "[1e2, 2]", "[9999999999, 2]"}) {
    refused("input_size", size);
  }
  refused("embedding_dim", "-1");
  refused("embedding_dim", "6x");
  refused("score_thresh", "nan");
  refused("nms_thresh", "1.5");
}

TEST(what_is_missing_is_named) {
  Texts texts = kTexts;
  texts.erase("boxes");
  CHECK_THROWS(InputError, "a.onnx: its metadata lack boxes; export it anew",
               bytetrack::to_metadata(texts, "a.onnx"));
  CHECK_THROWS(InputError,
               "a.onnx: does not say what it is; write it with this project's export tools",
               bytetrack::to_metadata({}, "a.onnx"));
}

TEST(an_onnx_file_by_hand) {
  const std::string number{1 << 3, '\x80', '\x01'}, eight = '\x11' + std::string(8, 'x');
  const std::string four = '\x1D' + std::string(4, 'x');
  const auto texts = parse_onnx(number + entry("a", "one") + eight + field(7, "the graph") + four +
                                field(14, field(2, "two") + number + field(1, "b")));
  CHECK((texts == Texts{{"a", "one"}, {"b", "two"}}));
  CHECK(parse_onnx("").empty());
}

TEST(what_is_no_onnx_file) {
  const std::string cut = entry("key", "value").substr(0, 9);
  for (const std::string& bytes :
       {cut, std::string("\x72"), std::string(11, '\xFF'), std::string("\x0B"),
        field(7, "graph").substr(0, 4), std::string("\x3A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"),
        field(14, std::string{1 << 3 | 2, 5, 'a'}) + "rest of it"}) {
    CHECK_THROWS(InputError, "a.onnx: is no whole ONNX file; copy or export it anew",
                 parse_onnx(bytes));
  }
}

TEST(json_texts) {
  CHECK(parse_json("{}").empty());
  const auto texts = parse_json(" { \"a\" : \"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\n\"b\":\"\"} ");
  CHECK((texts == Texts{{"a", "\"\\/\b\f\n\r\t"}, {"b", ""}}));
  CHECK(parse_json(R"({"a": "\u0041\u00e4\u20ac\ud83d\ude00"})").at("a") ==
        "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
  for (const char* text : {"", "[]", "{", "{\"a\"}", "{\"a\": 1}", "{\"a\": \"b\",}",
                           "{\"a\": \"b\"", "{\"a\": \"b\"} x", "{\"a\": \"b\n\"}",
                           "{\"a\": \"b\\\"}", "{\"a\": \"\\ud83d\\u0041\"}"}) {
    CHECK_THROWS(InputError, "a.json: is no JSON object of texts; export it anew",
                 parse_json(text));
  }
}

TEST(files_are_read_or_named) {
  const std::string path = "test_network_metadata.tmp";
  std::string onnx, json;
  for (const auto& [key, value] : kTexts) onnx += entry(key, value);
  std::ofstream(path, std::ios::binary) << onnx;
  CHECK(bytetrack::read_onnx_metadata(path).input_size.width == 512);
  std::ofstream(path) << R"({"bytetrack_reid": "1", "preprocessing": "current",
    "class_names": "[]", "input_size": "[64, 32]", "boxes": "raw", "embedding_dim": "0",
    "weights_sha256": ""})";
  CHECK(bytetrack::read_json_metadata(path).boxes == bytetrack::Boxes::kRaw);
  std::remove(path.c_str());
  for (const std::string& missing : {path, std::string(".")}) {
    CHECK_THROWS(InputError,
                 missing + ": cannot be read; give an ONNX file of tools/export_onnx.py",
                 bytetrack::read_onnx_metadata(missing));
    CHECK_THROWS(InputError,
                 missing +
                     ": cannot be read; give the metadata that this project's export tools write",
                 bytetrack::read_json_metadata(missing));
  }
}
