// Dictionary: the characters that the classes of a recogniser of text stand for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "fewbit/gen/util/result.h"

namespace fewbit::quant {

using Classes = std::vector<std::int64_t>;  ///< numbers of classes, one after the other

/// Lines of text, as classes of a network.
struct Text {
  std::vector<Classes> lines;
  std::int64_t least_classes = 0;  ///< what the network must have for the dictionary to fit
  std::int64_t most_classes = 0;

  /// Errors: a number of classes that does not fit the dictionary, or has no place for a space that
  /// the text has.
  [[nodiscard]] Status check_classes(std::int64_t classes) const;
};

/// Class 0 is the blank, class i the character in line i of the file; the space may be the class
/// behind the last line.
class Dictionary {
 public:
  /// A file in UTF-8 with one character in each line. Errors: no line, another number of
  /// characters in a line, one that is there twice, other bytes than UTF-8.
  static Result<Dictionary> read(const std::filesystem::path& path);

  /// A file in UTF-8 with a line for each image. Errors: an empty line, a character that is not in
  /// the dictionary, other bytes than UTF-8.
  [[nodiscard]] Result<Text> read_text(const std::filesystem::path& path) const;

 private:
  std::map<char32_t, std::int64_t> classes_;
};

}  // namespace fewbit::quant
