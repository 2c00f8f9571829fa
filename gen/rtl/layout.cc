// Layout: see layout.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/layout.h"

#include <cctype>
#include <limits>

namespace fewbit::rtl {
namespace {

/// How good a place to break is, best first: of the outermost brackets; of those, a comma, then a
/// question mark, then another operator; the assignment last.
enum class Place { kComma, kSelect, kElse, kOperator, kNone };
constexpr int kPlaces = 4;
constexpr int kAssignment = 1000;
constexpr int kNever = std::numeric_limits<int>::max();

Place place_of(const std::string& before, const std::string& after) {
  if (before.ends_with(',')) return Place::kComma;
  if (after == "?") return Place::kSelect;
  if (after == ":") return Place::kElse;
  for (const char* symbol : {"|", "&", "^", "+", "-", "*", "=="}) {
    if (after == symbol) return Place::kOperator;
  }
  return Place::kNone;
}

/// The brackets that are open, innermost last.
void follow(const std::string& word, std::string& open) {
  for (const char c : word) {
    if (c == '(' || c == '{' || c == '[') open += c;
    if (c == ')' || c == '}' || c == ']') open.pop_back();
  }
}

std::string word_at(const std::string& text, std::size_t from) {
  return text.substr(from, text.find(' ', from) - from);
}

struct Break {
  std::size_t at = std::string::npos;  ///< the blank
  int rank = kNever;
};

/// The best place within the first `room` characters; `open` is what is open where `text` begins.
Break best_break(const std::string& text, std::size_t room, std::string open) {
  Break best;
  std::string before;
  for (std::size_t from = 0; from < text.size();) {
    const std::string word = word_at(text, from);
    const std::size_t blank = from + word.size();
    follow(word, open);
    if (blank >= text.size() || blank > room) break;
    int rank = kNever;
    if (open.empty() || open.back() != '[') {
      const Place place = place_of(word, word_at(text, blank + 1));
      if (place != Place::kNone) {
        rank = static_cast<int>(open.size()) * kPlaces + static_cast<int>(place);
      } else if (word == "=" || word == "<=") {
        rank = kAssignment;
      }
    }
    if (rank != kNever && rank <= best.rank) best = {blank, rank};
    from = blank + 1;
  }
  return best;
}

}  // namespace

std::vector<std::string> lay_out(const std::string& statement, std::size_t indent) {
  constexpr std::size_t kFurther = 4;
  std::vector<std::string> lines;
  std::string rest = statement;
  std::string open;
  std::size_t column = indent;
  while (column + rest.size() > kColumns) {
    Break place = best_break(rest, kColumns - column, open);
    if (place.at == std::string::npos) place.at = rest.find(' ');
    if (place.at == std::string::npos) break;
    const std::string line = rest.substr(0, place.at);
    follow(line, open);
    lines.push_back(std::string(column, ' ') + line);
    rest = rest.substr(place.at + 1);
    column = indent + kFurther;
  }
  lines.push_back(std::string(column, ' ') + rest);
  return lines;
}

std::string upper_camel(const std::string& snake) {
  std::string camel;
  bool upper = true;
  for (const char c : snake) {
    if (c != '_') {
      camel += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    }
    upper = c == '_';
  }
  return camel;
}

std::string snake_case(const std::string& camel) {
  std::string snake;
  for (const char c : camel) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (upper && !snake.empty()) snake += '_';
    snake += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return snake;
}

}  // namespace fewbit::rtl
