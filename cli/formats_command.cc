// fewbit formats: the catalogue of named formats, and how to name any other.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/format_facts.h"
#include "fewbit/gen/spec/format.h"
#include "fewbit/gen/util/text.h"

namespace fewbit::cli {
namespace {

constexpr char kGrammar[] =
    "int<N>, uint<N>                two's complement or unsigned, N 1..32 (also s<N>, u<N>)\n"
    "int<W>_lsb<k>, uint<W>_lsb<k>  fixed point, an accumulator for one: W 1..1024 bits in units\n"
    "                               of 2^k, k -999999..999999, a negative one as m<number>\n"
    "                               (int47_lsbm18: 47 bits, unit 2^-18)\n"
    "[u]e<x>m<y>[b<bias>]<coding>   [no sign] x exponent bits 1..16, y fraction bits 0..23, 2 to\n"
    "                               32 bits in all; bias -65535..65535, a negative one as\n"
    "                               m<number> (e4m3bm3f), default 2^(x-1)-1, fnuz 2^(x-1);\n"
    "                               the coding is\n"
    "    f      every code is finite\n"
    "    fn     the all-ones magnitude is NaN, no infinity\n"
    "    fnuz   the code of minus zero is NaN, no infinity; not without a sign\n"
    "    ieee   the top exponent is infinity (fraction 0) and NaN; y 1 or more\n"
    "binary<K>p<P><s|u><e|f>        P3109: K bits 3..16, precision P (1..K-1, unsigned 1..K),\n"
    "                               signed or unsigned, extended (with infinity) or finite\n"
    "Upper and lower case are the same. A bare name with several meanings (e4m3) is refused;\n"
    "e2m1, e2m3, e3m2 and e5m2 are OCP's. explain shows a format under its one canonical name.\n";

std::string bias_text(const Format& format) {
  return format.is_int() ? "-" : std::to_string(format.as_float().bias);
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string optional_power(const Format& format, const std::optional<Code>& code) {
  return code ? power_text(format, *code) : "-";
}

/// A row of the table for people.
std::vector<std::string> short_row(const CatalogueEntry& entry) {
  const Format& format = entry.format;
  return {entry.name,
          fmt::format("{}", fmt::join(entry.aliases, " ")),
          std::to_string(format.bits()),
          widths_text(format),
          bias_text(format),
          format_facts(format).largest,
          specials_text(format),
          entry.source};
}

/// A row of the table in docs/formats.md: limits as powers of two, special codes one by one.
std::vector<std::string> long_row(const CatalogueEntry& entry) {
  const Format& format = entry.format;
  const FormatFacts facts = format_facts(format);
  std::vector<std::string> infinities;
  for (const Code code : facts.infinities) infinities.push_back(code_text(format, code));
  std::vector<std::string> nans;
  for (const CodeRange& range : facts.nans) nans.push_back(range_text(format, range));
  return {entry.name,
          or_dash(fmt::format("{}", fmt::join(entry.aliases, " "))),
          std::to_string(format.bits()),
          widths_text(format),
          bias_text(format),
          fmt::format("{} ({})", facts.largest, code_text(format, facts.largest_code)),
          optional_power(format, facts.smallest_normal),
          optional_power(format, facts.smallest_subnormal),
          or_dash(fmt::format("{}", fmt::join(infinities, " "))),
          or_dash(fmt::format("{}", fmt::join(nans, " "))),
          facts.negative_zero ? "yes" : "no",
          entry.source};
}

class FormatsCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "formats"; }
  [[nodiscard]] std::string summary() const override {
    return "List the number formats and how they are named";
  }
  void declare(CLI::App& app) override {
    app.add_flag("--markdown", markdown_, "Markdown with all limits and special codes");
    app.footer("Examples:\n  fewbit formats\n  fewbit formats --markdown\n  fewbit formats --json");
  }
  Result<ExitCode> run(const Console& console) override {
    console.print(markdown_ ? markdown() : text());
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const CatalogueEntry& entry : format_catalogue()) {
      list.push_back({{"name", entry.name},
                      {"aliases", entry.aliases},
                      {"source", entry.source},
                      {"format", facts_json(entry.format)}});
    }
    console.document({{"formats", list}, {"grammar", kGrammar}});
    return ExitCode::kOk;
  }

 private:
  static std::string text() {
    Table table({"name", "also", "bits", "s/e/f", "bias", "largest", "specials", "source"});
    for (const CatalogueEntry& entry : format_catalogue()) table.add(short_row(entry));
    return fmt::format("{}\nAny other format:\n{}", table.to_text(), kGrammar);
  }
  static std::string markdown() {
    Table table({"name", "also", "bits", "s/e/f", "bias", "largest (code)", "least normal",
                 "least subnormal", "infinity", "NaN", "-0", "source"});
    for (const CatalogueEntry& entry : format_catalogue()) table.add(long_row(entry));
    return fmt::format("{}\n```text\n{}```\n", table.to_markdown(), kGrammar);
  }

  bool markdown_ = false;
};

}  // namespace

std::unique_ptr<Command> make_formats_command() { return std::make_unique<FormatsCommand>(); }

}  // namespace fewbit::cli
