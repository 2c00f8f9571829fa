// Cores of FuseSoC and descriptions for Edalize: YAML of a few fixed shapes.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fewbit/flows/packages/packages.h"
#include "fewbit/gen/util/check.h"
#include "fewbit/gen/util/release.h"

namespace fewbit::packages {
namespace {

/// A word that YAML could take for something else, or a line with blanks, in double quotes.
std::string quoted(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return "\"" + escaped + "\"";
}

/// "- NAME" on lines of their own, or "- NAME: {file_type: user, copyto: NAME}" of data, which
/// tools read where they run.
std::string items(const std::vector<std::string>& names, bool is_data) {
  std::string text;
  for (const std::string& name : names) {
    text += "      - " + name;
    if (is_data) text += fmt::format(": {{file_type: user, copyto: {}}}", name);
    text += "\n";
  }
  return text;
}

std::string fileset(const std::string& name, const std::vector<std::string>& sources,
                    const std::vector<std::string>& data) {
  return fmt::format("  {}:\n    files:\n{}{}    file_type: systemVerilogSource\n", name,
                     items(sources, false), items(data, true));
}

std::vector<std::string> names_of(const std::vector<rtl::ParameterSignature>& parameters) {
  std::vector<std::string> names;
  for (const rtl::ParameterSignature& parameter : parameters) names.push_back(parameter.name);
  return names;
}

/// "  lint:" and what it has, of the top module.
std::string top_lines(const Contents& contents) {
  std::string text = fmt::format("    toplevel: {}\n", contents.top);
  if (!contents.parameters.empty()) {
    text += fmt::format("    parameters: [{}]\n", fmt::join(names_of(contents.parameters), ", "));
  }
  return text;
}

std::string targets(const Contents& contents) {
  std::string text = "targets:\n  default:\n    filesets: [rtl]\n";
  if (contents.top.empty()) return text;
  text += top_lines(contents) +
          "  lint:\n    flow: lint\n    flow_options:\n      tool: verilator\n"
          "      verilator_options: [-Wall]\n    filesets: [rtl]\n" +
          top_lines(contents);
  if (contents.bench.empty()) return text;
  return text + fmt::format(
                    "  sim:\n    flow: sim\n    flow_options:\n      tool: icarus\n"
                    "      iverilog_options: [-g2012]\n    filesets: [rtl, tb]\n"
                    "    toplevel: {}\n",
                    contents.bench);
}

/// Under "parameters:", `indent` spaces in.
std::string parameter_lines(const Contents& contents) {
  std::string text;
  for (const rtl::ParameterSignature& parameter : contents.parameters) {
    text += fmt::format(
        "  {}:\n    datatype: int\n    default: {}\n    description: {}\n    paramtype: "
        "vlogparam\n",
        parameter.name, parameter.value, quoted(parameter.meaning));
  }
  return text.empty() ? text : "parameters:\n" + text;
}

}  // namespace

TextFile core(const Contents& contents) {
  std::string text =
      fmt::format("CAPI=2:\nname: fewbit:emitted:{}:{}\ndescription: {}\nfilesets:\n",
                  contents.name, release(), quoted(contents.summary));
  text += fileset("rtl", contents.sources, {});
  if (!contents.bench.empty()) text += fileset("tb", contents.bench_sources, contents.bench_data);
  return {contents.name + ".core", text + targets(contents) + parameter_lines(contents)};
}

TextFile edam(const Contents& contents) {
  FEWBIT_CHECK(!contents.top.empty(), "an EDAM of several designs, {}", contents.name);
  std::string text =
      fmt::format("version: 0.2.1\nname: {}\ntoplevel: {}\nfiles:\n", contents.name, contents.top);
  for (const std::string& source : contents.sources) {
    text += fmt::format("  - name: {}\n    file_type: systemVerilogSource\n", source);
  }
  return {contents.name + ".eda.yml", text + parameter_lines(contents)};
}

}  // namespace fewbit::packages
