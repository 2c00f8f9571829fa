// fewbit explain: one number format, its limits, its special codes and, if asked, every code.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/format_facts.h"
#include "fewbit/gen/spec/format.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/sim/model/quantization.h"

namespace fewbit::cli {
namespace {

constexpr int kMaxTableBits = 16;

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += (text.empty() ? "" : ", ") + piece;
  return text.empty() ? "none" : text;
}

std::string summary_text(const Format& format) {
  const FormatFacts facts = format_facts(format);
  std::string text = fmt::format("{}: {}\n", format.name(), format.description());
  const auto line = [&text](const char* label, const std::string& value) {
    text += fmt::format("  {:<20}{}\n", label, value);
  };
  const auto number = [&format](const BigInt& code) {
    return fmt::format("{} ({})", value_text(format, code), code_text(format, code));
  };
  const auto optional_number = [&number](const std::optional<Code>& code) {
    return code ? number(*code) : std::string("none");
  };
  line("bits", std::to_string(format.bits()));
  line("unit", fmt::format("2^{}", format.is_int() ? format.as_int().lsb_exponent
                                                   : format.as_float().lsb_exponent()));
  line("largest", number(facts.largest_code));
  line("smallest", number(facts.smallest_code));
  if (format.is_float()) {
    line("sign/exp/fraction", widths_text(format) + " bits");
    line("bias", std::to_string(format.as_float().bias));
    line("smallest normal", optional_number(facts.smallest_normal));
    line("smallest subnormal", optional_number(facts.smallest_subnormal));
    std::vector<std::string> infinities;
    for (const Code code : facts.infinities) infinities.push_back(code_text(format, code));
    line("infinity", joined(infinities));
    std::vector<std::string> nans;
    for (const CodeRange& range : facts.nans) nans.push_back(range_text(format, range));
    line("NaN", joined(nans));
    line("minus zero", facts.negative_zero ? code_text(format, *facts.negative_zero) : "none");
  }
  line("finite codes", facts.finite_codes.str());
  return text;
}

/// How well the format stands for numbers: absent where it cannot be said (docs/report.md).
struct Fidelity {
  std::optional<double> range_db, gaussian_db, laplacian_db;
};

Fidelity fidelity_of(const Format& format) {
  const auto sqnr = [&format](model::Source source) -> std::optional<double> {
    const auto quantization = model::quantize(format, source);
    if (!quantization) return std::nullopt;
    return quantization->sqnr_db();
  };
  return {model::dynamic_range_db(format), sqnr(model::Source::kGaussian),
          sqnr(model::Source::kLaplacian)};
}

std::string fidelity_text(const Fidelity& fidelity) {
  std::string text;
  const auto line = [&text](const char* label, const std::optional<double>& decibels) {
    if (decibels) text += fmt::format("  {:<20}{:.1f} dB\n", label, *decibels);
  };
  line("dynamic range", fidelity.range_db);
  line("SQNR, Gaussian", fidelity.gaussian_db);
  line("SQNR, Laplacian", fidelity.laplacian_db);
  return text;
}

void add_fidelity(const Fidelity& fidelity, nlohmann::ordered_json& json) {
  const auto number = [](const std::optional<double>& decibels) {
    return decibels ? nlohmann::ordered_json(*decibels) : nlohmann::ordered_json();
  };
  json["dynamic_range_db"] = number(fidelity.range_db);
  json["sqnr_gaussian_db"] = number(fidelity.gaussian_db);
  json["sqnr_laplacian_db"] = number(fidelity.laplacian_db);
}

class ExplainCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "explain"; }
  [[nodiscard]] std::string summary() const override {
    return "Show what a number format can hold, or every one of its codes";
  }
  void declare(CLI::App& app) override {
    app.add_option("FORMAT", format_, "Name of a format (fewbit formats)");
    app.add_flag("--table", table_, "Every code: hex, binary fields, exact value");
    app.footer("Examples:\n  fewbit explain e4m3fn\n  fewbit explain e2m1 --table");
  }
  Result<ExitCode> run(const Console& console) override {
    FEWBIT_ASSIGN_OR_RETURN(format, parse_format(format_));
    if (table_ && format.bits() > kMaxTableBits) {
      return Error{"--table", format.name(),
                   fmt::format("a format of at most {} bits", kMaxTableBits), ""};
    }
    const Fidelity fidelity = fidelity_of(format);
    console.print(summary_text(format) + fidelity_text(fidelity));
    nlohmann::ordered_json json = facts_json(format);
    add_fidelity(fidelity, json);
    if (table_) add_codes(format, console, json);
    console.document(json);
    return ExitCode::kOk;
  }

 private:
  static void add_codes(const Format& format, const Console& console,
                        nlohmann::ordered_json& json) {
    Table table({"code", format.is_int() ? "bits" : "fields", "value"});
    json["codes"] = nlohmann::ordered_json::array();
    for (Code code = 0; code < Code{1} << format.bits(); ++code) {
      const std::string hex = code_text(format, code);
      const std::string fields = fields_text(format, code);
      const std::string value = value_text(format, code);
      table.add({hex, fields, value});
      json["codes"].push_back({{"code", hex}, {"fields", fields}, {"value", value}});
    }
    console.print("\n" + table.to_text());
  }

  std::string format_;
  bool table_ = false;
};

}  // namespace

std::unique_ptr<Command> make_explain_command() { return std::make_unique<ExplainCommand>(); }

}  // namespace fewbit::cli
