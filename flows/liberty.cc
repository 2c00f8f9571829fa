// Liberty's syntax: see liberty.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/liberty.h"

#include <fmt/format.h>

#include <cctype>

namespace fewbit::flows {
namespace {

/// Deeper than any group of a library; nesting beyond it is refused before the stack ends.
constexpr int kMostDepth = 32;

class Reader {
 public:
  Reader(std::string field, const std::string& text) : field_(std::move(field)), text_(text) {}

  Result<LibertyGroup> whole() {
    skip();
    LibertyGroup group;
    group.line = line_;
    FEWBIT_ASSIGN_OR_RETURN(name, word("library (NAME) {"));
    group.name = name;
    if (group.name != "library") return wrong(group.name, "library (NAME) {");
    FEWBIT_RETURN_IF_ERROR(arguments(group.arguments));
    if (!take('{')) return wrong(here(), "{ after library (NAME)");
    FEWBIT_RETURN_IF_ERROR(body(group, 1));
    if (at_ < text_.size()) return wrong(here(), "nothing after the library's }");
    return group;
  }

 private:
  [[nodiscard]] Error wrong(const std::string& value, const std::string& legal) const {
    return Error{field_, value, legal, fmt::format("line {} of the library", line_)};
  }
  /// What stands here, for a message.
  [[nodiscard]] std::string here() const {
    if (at_ >= text_.size()) return "end of the file";
    return text_.substr(at_, std::min<std::size_t>(text_.find('\n', at_) - at_, 40));
  }

  /// Blanks, comments, and a backslash at the end of a line.
  void skip() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\n') ++line_;
      if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '\\') {
        ++at_;
      } else if (text_.compare(at_, 2, "/*") == 0) {
        const std::size_t end = std::min(text_.find("*/", at_ + 2), text_.size() - 2);
        for (; at_ < end + 2; ++at_) line_ += text_[at_] == '\n' ? 1 : 0;
      } else if (text_.compare(at_, 2, "//") == 0) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        return;
      }
    }
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    skip();
    return true;
  }

  /// A quoted text without its quotes, or what stands up to a blank or a mark.
  Result<std::string> word(const std::string& legal) {
    std::string value;
    if (at_ < text_.size() && text_[at_] == '"') {
      const int begun = line_;
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
        line_ += text_[at_] == '\n' ? 1 : 0;
        value += text_[at_];
      }
      if (at_ >= text_.size()) {
        line_ = begun;
        return wrong("\"" + value.substr(0, 40), "a closing quote");
      }
      ++at_;
    } else {
      const std::string_view marks = "(){};:,\"";
      while (at_ < text_.size() && marks.find(text_[at_]) == std::string_view::npos &&
             std::isspace(static_cast<unsigned char>(text_[at_])) == 0) {
        value += text_[at_++];
      }
      if (value.empty()) return wrong(here(), legal);
    }
    skip();
    return value;
  }

  Status arguments(std::vector<std::string>& values) {
    if (!take('(')) return wrong(here(), "(");
    while (!take(')')) {
      FEWBIT_ASSIGN_OR_RETURN(value, word("a value or )"));
      values.push_back(value);
      take(',');
    }
    return Ok{};
  }

  /// The value of a simple attribute: it may be an expression, up to the semicolon or the line.
  Result<std::string> simple_value() {
    FEWBIT_ASSIGN_OR_RETURN(value, word("a value after :"));
    while (at_ < text_.size() && text_[at_] != ';' && text_[at_] != '}' && !is_statement()) {
      if (text_[at_] == ')' || text_[at_] == '{') return wrong(here(), ";");
      value += text_[at_++];
      skip();
    }
    take(';');
    return value;
  }

  /// Whether a name and a mark stand here: some libraries leave the semicolon out.
  [[nodiscard]] bool is_statement() const {
    std::size_t i = at_;
    const auto is_name = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    while (i < text_.size() && is_name(text_[i])) ++i;
    if (i == at_) return false;
    while (i < text_.size() && text_[i] == ' ') ++i;
    return i < text_.size() && (text_[i] == ':' || text_[i] == '(');
  }

  Status body(LibertyGroup& group, int depth) {
    if (depth > kMostDepth) {
      return wrong(group.name, fmt::format("groups at most {} deep", kMostDepth));
    }
    while (!take('}')) {
      if (take(';')) continue;
      const int line = line_;
      FEWBIT_ASSIGN_OR_RETURN(name, word("an attribute, a group or }"));
      if (take(':')) {
        FEWBIT_ASSIGN_OR_RETURN(value, simple_value());
        group.attributes[name] = {value};
        continue;
      }
      std::vector<std::string> values;
      FEWBIT_RETURN_IF_ERROR(arguments(values));
      if (!take('{')) {
        take(';');
        group.attributes[name] = values;
        continue;
      }
      LibertyGroup inner;
      inner.name = name;
      inner.arguments = values;
      inner.line = line;
      FEWBIT_RETURN_IF_ERROR(body(inner, depth + 1));
      group.groups.push_back(std::move(inner));
    }
    return Ok{};
  }

  std::string field_;
  const std::string& text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::string LibertyGroup::value(const std::string& attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() || found->second.empty() ? "" : found->second.front();
}

Result<LibertyGroup> parse_liberty(const std::string& field, const std::string& text) {
  return Reader(field, text).whole();
}

namespace {

/// A function, by recursive descent.
class Function {
 public:
  Function(std::string field, const std::string& text) : field_(std::move(field)), text_(text) {}

  Result<std::string> whole() {
    FEWBIT_ASSIGN_OR_RETURN(text, sum(0));
    if (at_ < text_.size()) return wrong();
    return text;
  }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  [[nodiscard]] Error wrong() const {
    return Error{field_, text_, "a function of pins with ! ' ^ & * | + and parentheses",
                 fmt::format("from character {} on", at_ + 1)};
  }
  char next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  static bool begins_factor(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '!' || c == '(';
  }

  Result<std::string> sum(int depth) {
    FEWBIT_ASSIGN_OR_RETURN(text, product(depth));
    while (next() == '|' || next() == '+') {
      ++at_;
      FEWBIT_ASSIGN_OR_RETURN(other, product(depth));
      text = fmt::format("({} | {})", text, other);
    }
    return text;
  }
  Result<std::string> product(int depth) {
    FEWBIT_ASSIGN_OR_RETURN(text, parity(depth));
    while (next() == '&' || next() == '*' || begins_factor(next())) {
      if (!begins_factor(next())) ++at_;
      FEWBIT_ASSIGN_OR_RETURN(other, parity(depth));
      text = fmt::format("({} & {})", text, other);
    }
    return text;
  }
  Result<std::string> parity(int depth) {
    FEWBIT_ASSIGN_OR_RETURN(text, factor(depth));
    while (next() == '^') {
      ++at_;
      FEWBIT_ASSIGN_OR_RETURN(other, factor(depth));
      text = fmt::format("({} ^ {})", text, other);
    }
    return text;
  }
  Result<std::string> factor(int depth) {
    if (depth > kMostDepth || !begins_factor(next())) return wrong();
    std::string text;
    if (text_[at_] == '!') {
      ++at_;
      FEWBIT_ASSIGN_OR_RETURN(inner, factor(depth + 1));
      text = fmt::format("(~{})", inner);
    } else if (text_[at_] == '(') {
      ++at_;
      FEWBIT_ASSIGN_OR_RETURN(inner, sum(depth + 1));
      if (next() != ')') return wrong();
      ++at_;
      text = inner;
    } else {
      while (at_ < text_.size() &&
             (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
        text += text_[at_++];
      }
      if (text == "0" || text == "1") {
        text = "1'b" + text;
      } else {
        names_.push_back(text);
        text = "\\" + text + " ";
      }
    }
    while (next() == '\'') {
      ++at_;
      text = fmt::format("(~{})", text);
    }
    return text;
  }

  std::string field_;
  std::string text_;
  std::size_t at_ = 0;
  std::vector<std::string> names_;
};

}  // namespace

Result<std::string> verilog_of(const std::string& field, const std::string& function) {
  return Function(field, function).whole();
}

Result<std::vector<std::string>> names_in(const std::string& field, const std::string& function) {
  Function read(field, function);
  FEWBIT_RETURN_IF_ERROR(read.whole());
  return read.names();
}

}  // namespace fewbit::flows
