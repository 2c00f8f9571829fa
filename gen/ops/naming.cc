// Naming: see naming.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/ops/naming.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "fewbit/gen/rtl/passes.h"

namespace fewbit::embedded {
const std::vector<TextFile>& rtl_templates();
}

namespace fewbit::ops {
namespace {

constexpr std::size_t kMostName = 128;
constexpr std::size_t kMostPrefix = 64;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word_char(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

/// Of C and C++, where they are none of SystemVerilog: models in C have functions of that name.
bool is_c_word(const std::string& word) {
  static constexpr const char* kWords[] = {
      "asm",     "auto",   "bool",      "catch",    "char",   "delete",   "double",   "explicit",
      "float",   "friend", "goto",      "inline",   "long",   "main",     "mutable",  "operator",
      "private", "public", "namespace", "short",    "sizeof", "switch",   "template", "throw",
      "true",    "try",    "false",     "typename", "using",  "volatile", "restrict", "_Alignas"};
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

Status check_word(const char* option, const std::string& word, std::size_t most) {
  const bool is_word = !word.empty() && word.size() <= most && is_letter(word[0]) &&
                       std::all_of(word.begin(), word.end(), is_word_char);
  if (is_word) return Ok{};
  return Error{option, word, fmt::format("a letter, then up to {} letters, digits and _", most - 1),
               ""};
}

/// `text` without `lead` where it begins with it.
bool cut(std::string_view& text, std::string_view lead) {
  if (!text.starts_with(lead)) return false;
  text.remove_prefix(lead.size());
  return true;
}

/// Appends `what` to every line that has `mark`.
std::string with_line_ends(const std::string& text, const std::string& mark,
                           const std::string& what) {
  std::string changed;
  std::size_t from = 0;
  while (true) {
    const std::size_t place = text.find(mark, from);
    const std::size_t end = place == std::string::npos ? place : text.find('\n', place);
    if (place == std::string::npos || end == std::string::npos) break;
    changed += text.substr(from, end - from) + what;
    from = end;
  }
  return changed + text.substr(from);
}

}  // namespace

std::string Naming::options() const {
  return (module.empty() ? "" : " --name " + module) +
         (prefix.empty() ? "" : " --prefix " + prefix);
}

Status check_naming(const Naming& naming) {
  if (!naming.module.empty()) {
    FEWBIT_RETURN_IF_ERROR(check_word("--name", naming.module, kMostName));
    const std::string whole = naming.prefix + naming.module;
    if (rtl::is_systemverilog_word(whole) || is_c_word(whole)) {
      return Error{"--name", naming.module, "no word of SystemVerilog or C", ""};
    }
    if (is_shared_file(naming.module + ".sv")) {
      return Error{"--name", naming.module, "no module of fewbit's own",
                   "designs share rtl_templates/" + naming.module + ".sv"};
    }
  }
  return naming.prefix.empty() ? Status(Ok{}) : check_word("--prefix", naming.prefix, kMostPrefix);
}

bool is_shared_file(const std::string& name) {
  const std::vector<TextFile>& files = embedded::rtl_templates();
  return std::any_of(files.begin(), files.end(),
                     [&name](const TextFile& file) { return file.name == name; });
}

Renamer::Renamer(const rtl::ModuleSignature& signature, Naming naming)
    : naming_(std::move(naming)),
      old_name_(signature.module),
      new_name_(naming_.prefix + (naming_.module.empty() ? old_name_ : naming_.module)),
      command_(signature.command) {
  // Models say the command without its target.
  const std::size_t target = command_.find(" --target ");
  if (target != std::string::npos) command_.erase(target);
}

std::string Renamer::word(const std::string& word) const {
  std::string_view rest = word;
  // Python's test of a module, and the program that Verilator makes of it.
  const std::string lead = cut(rest, "test_") ? "test_" : cut(rest, "V") ? "V" : "";
  for (const bool in_capitals : {false, true}) {
    const std::string old_name = in_capitals ? upper(old_name_) : old_name_;
    const std::string new_name = in_capitals ? upper(new_name_) : new_name_;
    std::string_view end = rest;
    if (cut(end, old_name) && (end.empty() || end[0] == '_')) {
      return lead + new_name + std::string(end);
    }
    if (rest.starts_with(in_capitals ? "FEWBIT_" : "fewbit_")) {
      return lead + (in_capitals ? upper(naming_.prefix) : naming_.prefix) + std::string(rest);
    }
  }
  return word;
}

std::string Renamer::text(const std::string& text) const {
  std::string renamed;
  std::size_t from = 0;
  while (from < text.size()) {
    std::size_t end = from;
    while (end < text.size() && is_word_char(text[end])) ++end;
    if (end == from) {
      renamed += text[from++];
      continue;
    }
    renamed += word(text.substr(from, end - from));
    from = end;
  }
  return with_line_ends(renamed, command_, naming_.options());
}

TextFile Renamer::file(const TextFile& file) const { return {text(file.name), text(file.text)}; }

rtl::EmittedDesign Renamer::design(const rtl::EmittedDesign& design) const {
  rtl::EmittedDesign renamed = design;
  renamed.signature.module = new_name_;
  renamed.signature.command += naming_.options();
  renamed.signature.files.clear();
  for (auto* files : {&renamed.files, &renamed.data_files}) {
    for (TextFile& one : *files) {
      one = file(one);
      renamed.signature.files.push_back({one.name, sha256(one.text)});
    }
  }
  return renamed;
}

}  // namespace fewbit::ops
