// The structure of a design: see structure.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/structure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {
namespace {

/// Hashes of modules that are instanced, each once.
using Known = std::map<const Module*, std::string>;

/// Writes the graph of one module, nodes numbered in the order in which they are found from the
/// outputs on.
class Writer {
 public:
  Writer(const Module& module, Known& known) : module_(module), known_(known) {}

  std::string text() {
    if (module_.is_external()) return structure_of(module_.external_files());
    text_ = fmt::format("reset {} latency {} {}\n", static_cast<int>(module_.reset_kind()),
                        module_.latency().value_or(-1), !module_.enable_port().empty());
    for (const Parameter& parameter : module_.parameters()) {
      text_ +=
          fmt::format("parameter {} {} {}\n", parameter.value, parameter.least, parameter.most);
    }
    for (const int id : module_.inputs()) {
      text_ += fmt::format("input {} {}\n", width_text(module_.node(id).width),
                           module_.input_is_signed(id));
    }
    for (const Output& output : module_.outputs()) {
      text_ += fmt::format("output {} {}\n", place_of(output.node), output.is_signed);
    }
    for (std::size_t next = 0; next < found_.size(); ++next) write(found_[next]);
    return text_;
  }

 private:
  static std::string width_text(const Width& width) {
    return fmt::format("{}/{}", width.bits, width.parameter);
  }

  /// The number of a node, or of the expression that it names; -1 for none.
  int place_of(int id) {
    if (id < 0) return -1;
    while (module_.node(id).op == Op::kNet && !module_.node(id).args.empty()) {
      id = module_.node(id).args.front();
    }
    const auto [at, is_new] = places_.try_emplace(id, static_cast<int>(found_.size()));
    if (is_new) found_.push_back(id);
    return at->second;
  }

  void write(int id) {
    const Node& node = module_.node(id);
    std::string line =
        fmt::format("{} {} {} {} {}", static_cast<int>(node.op), width_text(node.width),
                    width_text(node.low), node.value.str(), fmt::join(node.labels, ","));
    if (node.op == Op::kInput) line += fmt::format(" input {}", input_place(id));
    if (node.op == Op::kRegister) {
      line += fmt::format(" data {} enable {} clear {} reset {} {}", place_of(node.data),
                          place_of(node.enable), place_of(node.clear), node.reset,
                          node.reset_value.str());
    }
    if (node.op == Op::kMemoryWord) line += fmt::format(" memory {}", memory_place(node.source));
    if (node.op == Op::kInstanceOutput) line += instance_text(node.source, id);
    for (const int argument : node.args) line += fmt::format(" {}", place_of(argument));
    text_ += line + "\n";
  }

  [[nodiscard]] std::size_t input_place(int id) const {
    for (std::size_t i = 0; i < module_.inputs().size(); ++i) {
      if (module_.inputs()[i] == id) return i;
    }
    FEWBIT_CHECK(false, "an input that {} has not", module_.name());
  }

  /// The number of a memory, which is written where it is first read.
  int memory_place(int index) {
    const auto [at, is_new] = memories_.try_emplace(index, static_cast<int>(memories_.size()));
    if (is_new) {
      const Memory& memory = module_.memories()[static_cast<std::size_t>(index)];
      text_ +=
          fmt::format("memory {} {} {} {} {} write {} {} {}\n", memory.spec.depth,
                      memory.spec.width, memory.spec.in_file, static_cast<int>(memory.spec.style),
                      static_cast<int>(memory.spec.collision), place_of(memory.write_enable),
                      place_of(memory.write_address), place_of(memory.write_data));
      for (const BigInt& word : memory.spec.contents) text_ += word.str() + "\n";
    }
    return at->second;
  }

  /// " instance N output K"; the instance is written where one of its outputs is first read.
  std::string instance_text(int index, int id) {
    const Instance& instance = module_.instances()[static_cast<std::size_t>(index)];
    const auto [at, is_new] = instances_.try_emplace(index, static_cast<int>(instances_.size()));
    if (is_new) write_instance(instance);
    std::size_t output = 0;
    while (instance.outputs[output].second != id) ++output;
    return fmt::format(" instance {} output {} {}", at->second, output,
                       instance.module->is_external() ? instance.outputs[output].first : "");
  }

  void write_instance(const Instance& instance) {
    const Module& inner = *instance.module;
    const auto [hash, is_new] = known_.try_emplace(&inner);
    if (is_new) hash->second = sha256(Writer(inner, known_).text());
    text_ += fmt::format("instance of {}\n", hash->second);
    for (const Argument& argument : instance.arguments) {
      text_ += fmt::format("argument {} {} {} {}\n", parameter_text(inner, argument.name),
                           argument.value, argument.parameter, argument.literal);
    }
    for (const int port : inner.inputs()) {
      for (const auto& [name, node] : instance.inputs) {
        if (name != inner.node(port).name) continue;
        text_ += fmt::format("connect {} {}\n", inner.is_external() ? name : "", place_of(node));
      }
    }
  }

  /// The place of a parameter of a graph; the name of one of a text, which is bound by name.
  static std::string parameter_text(const Module& inner, const std::string& name) {
    if (inner.is_external()) return name;
    for (std::size_t i = 0; i < inner.parameters().size(); ++i) {
      if (inner.parameters()[i].name == name) return std::to_string(i);
    }
    FEWBIT_CHECK(false, "a parameter {} that {} has not", name, inner.name());
  }

  const Module& module_;
  Known& known_;
  std::string text_;
  std::map<int, int> places_;
  std::vector<int> found_;
  std::map<int, int> memories_, instances_;
};

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

bool is_operator_character(char c) {
  return std::string_view("&|^~!<>=+-*/%").find(c) != std::string_view::npos;
}

bool begins_comment(std::string_view text) {
  return text.starts_with("//") || text.starts_with("/*");
}

/// How long the string that `text` begins with is, quotes included.
std::size_t string_size(std::string_view text) {
  std::size_t size = 1;
  while (size < text.size() && text[size] != '"') size += text[size] == '\\' ? 2 : 1;
  return std::min(size + 1, text.size());
}

/// Takes the next word of SystemVerilog from the front of `text`: a name, a number with its base
/// (4'b0101), a string, operators that stand together; "" for a space or a comment.
std::string_view take_word(std::string_view& text) {
  const auto until = [&text](std::string_view end) {
    const std::size_t at = text.find(end, 2);
    return at == std::string_view::npos ? text.size() : at + end.size();
  };
  const auto run_of = [&text](bool (*belongs)(char)) {
    std::size_t size = 1;
    while (size < text.size() && belongs(text[size]) && !begins_comment(text.substr(size))) ++size;
    return size;
  };
  const char first = text.front();
  const bool is_comment = begins_comment(text);
  std::size_t size = 1;
  if (is_comment) {
    size = until(text[1] == '/' ? "\n" : "*/");
  } else if (first == '"') {
    size = string_size(text);
  } else if (is_word_character(first) || first == '`' || first == '\'') {
    size = run_of([](char c) { return is_word_character(c) || c == '\''; });
  } else if (is_operator_character(first)) {
    size = run_of(is_operator_character);
  }
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  const bool counts = !is_comment && std::isspace(static_cast<unsigned char>(first)) == 0;
  return counts ? word : std::string_view();
}

bool is_name(std::string_view word) {
  return (std::isalpha(static_cast<unsigned char>(word.front())) != 0 || word.front() == '_') &&
         word.find('\'') == std::string_view::npos && !is_systemverilog_word(std::string(word));
}

}  // namespace

std::string structure_of(const Module& top) {
  Known known;
  return sha256(Writer(top, known).text());
}

std::string structure_of(const std::vector<TextFile>& files) {
  std::map<std::string, std::size_t, std::less<>> names;
  std::string words;
  for (const TextFile& file : files) {
    std::string_view rest = file.text;
    bool is_macro = false;  // a macro's name has a meaning outside of the files
    while (!rest.empty()) {
      const std::string_view word = take_word(rest);
      if (word.empty()) continue;
      const bool follows_directive = is_macro;
      is_macro = word == "`ifdef" || word == "`ifndef" || word == "`define" || word == "`undef";
      if (is_name(word) && !follows_directive) {
        const auto at = names.try_emplace(std::string(word), names.size()).first;
        words += fmt::format("name{} ", at->second);
      } else {
        words += fmt::format("{} ", word);
      }
    }
    words += "\n";
  }
  return sha256(words);
}

}  // namespace fewbit::rtl
