// Sweep file: see sweep_file.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/sweep/sweep_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>

#include "fewbit/flows/sweep/format_set.h"
#include "fewbit/gen/spec/operator_request.h"
#include "fewbit/gen/spec/strategy.h"
#include "fewbit/gen/util/files.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/gen/util/utf8.h"

namespace fewbit::sweep {
namespace {

const std::string kAccumulator = "accumulator";
constexpr std::size_t kMostBytes = 1 << 22;
constexpr int kMostRange = 4096;  // numbers that one LO..HI may stand for

/// One word of the file and its line.
struct Item {
  std::string text;
  int line = 0;
};

/// The values of one option, in order.
struct Dimension {
  const OptionInfo* option = nullptr;
  std::vector<Item> values;
};

/// One mapping of the file.
struct Block {
  std::vector<Item> operators, targets, flows;
  std::vector<Dimension> dimensions;
  int seeds = 0;
  int line = 0;
};

class Parser {
 public:
  Parser(std::string name, std::size_t most_jobs, std::string default_target)
      : name_(std::move(name)), most_jobs_(most_jobs), default_target_(std::move(default_target)) {}

  Result<Plan> parse(const std::string& text) {
    if (text.size() > kMostBytes || !is_utf8(text)) {
      return Error{"sweep file", name_, fmt::format("text in UTF-8, up to {} bytes", kMostBytes),
                   text.size() > kMostBytes ? "it has more" : "it has other bytes"};
    }
    std::vector<YAML::Node> documents;
    try {
      documents = YAML::LoadAll(text);
    } catch (const YAML::Exception& exception) {
      return at(exception.mark.line + 1, {"YAML", name_, "a file in YAML", exception.msg});
    }
    for (std::size_t i = 1; i < documents.size(); ++i) {
      if (documents[i].IsNull()) continue;  // a mark at the end
      return at(line_of(documents[i]), {"YAML", name_, "one document", "a second one begins here"});
    }
    const YAML::Node root = documents.empty() ? YAML::Node() : documents[0];
    for (const YAML::Node& node : elements_of(root)) {
      FEWBIT_ASSIGN_OR_RETURN(block, read_block(node));
      FEWBIT_RETURN_IF_ERROR(expand(block));
    }
    if (plan_.jobs.empty()) return Error{"sweep file", name_, "one job or more", ""};
    return std::move(plan_);
  }

 private:
  [[nodiscard]] Error at(int line, Error error) const {
    error.field = fmt::format("{} line {}: {}", name_, line, error.field);
    return error;
  }

  static int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

  /// Those of a list; of anything else the thing itself.
  static std::vector<YAML::Node> elements_of(const YAML::Node& node) {
    if (!node.IsSequence()) return {node};
    std::vector<YAML::Node> elements;
    for (const auto& element : node) elements.push_back(element);
    return elements;
  }

  /// A word, or a list of words.
  Result<std::vector<Item>> items_of(const std::string& key, const YAML::Node& node) const {
    std::vector<Item> items;
    for (const YAML::Node& item : elements_of(node)) {
      if (!item.IsScalar() || item.Scalar().empty()) {
        return at(line_of(node),
                  {key, item.IsNull() ? "" : "a nested value", "one value, or a list of them", ""});
      }
      items.push_back({item.Scalar(), line_of(item)});
    }
    if (items.empty()) return at(line_of(node), {key, "[]", "one value or more", ""});
    return items;
  }

  static std::string legal_keys() {
    std::string keys = "operators, targets, flows, seeds, tools";
    for (const OptionInfo& option : option_table()) keys += ", " + key_of(option);
    return keys;
  }

  Result<Block> read_block(const YAML::Node& node) {
    Block block;
    if (!node.IsMap()) {
      return at(std::max(line_of(node), 1),
                {"sweep", "", "keys with values: " + legal_keys(), "it is no mapping"});
    }
    block.line = line_of(node);
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (!seen.insert(key).second) {
        return at(line_of(entry.first), {"key", key, "every key once", ""});
      }
      FEWBIT_RETURN_IF_ERROR(read_entry(key, entry.first, entry.second, block));
    }
    if (block.operators.empty()) {
      return at(block.line, {"operators", "", "one or more of fewbit's operators", ""});
    }
    if (block.targets.empty() && !default_target_.empty()) {
      block.targets.push_back({default_target_, block.line});
    }
    if (block.targets.empty()) {
      return at(block.line, {"targets", "", "one target or more", "`fewbit help cost` lists them"});
    }
    if (block.flows.empty()) block.flows.push_back({"", block.line});
    return block;
  }

  Status read_entry(const std::string& key, const YAML::Node& key_node, const YAML::Node& node,
                    Block& block) {
    if (key == "tools") return read_tools(node);
    const auto option =
        std::find_if(option_table().begin(), option_table().end(),
                     [&key](const OptionInfo& candidate) { return key_of(candidate) == key; });
    const bool is_list = key == "operators" || key == "targets" || key == "flows";
    if (!is_list && key != "seeds" && option == option_table().end()) {
      return at(line_of(key_node), {"key", key, legal_keys(), ""});
    }
    FEWBIT_ASSIGN_OR_RETURN(items, items_of(key, node));
    if (key == "operators") {
      block.operators = once_each(items);
    } else if (key == "targets") {
      block.targets = once_each(items);
    } else if (key == "flows") {
      block.flows = once_each(items);
    } else if (key == "seeds") {
      const std::optional<long long> seeds = number(items[0].text);
      if (items.size() > 1 || !seeds || *seeds < 0 || *seeds > kMostSeeds) {
        return at(items[0].line,
                  {key, items[0].text, fmt::format("one number, 0..{}", kMostSeeds), ""});
      }
      block.seeds = static_cast<int>(*seeds);
    } else {
      FEWBIT_ASSIGN_OR_RETURN(dimension, make_dimension(*option, items));
      block.dimensions.push_back(dimension);
    }
    return Ok{};
  }

  Status read_tools(const YAML::Node& node) {
    if (!node.IsMap()) {
      return at(line_of(node), {"tools", "", "a mapping of programs to versions", "yosys: '0.23'"});
    }
    for (const auto& entry : node) {
      if (!entry.first.IsScalar() || !entry.second.IsScalar()) {
        return at(line_of(entry.first), {"tools", "", "a mapping of programs to versions", ""});
      }
      plan_.tools[entry.first.Scalar()] = entry.second.Scalar();
    }
    return Ok{};
  }

  static std::optional<long long> number(const std::string& text) {
    long long value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return {};
    return value;
  }

  /// Grids and patterns of formats, and ranges of numbers, one by one. "exact" is a result, "all" a
  /// strategy, "same" a second operand of the first one's format, "accumulator" the first one of a
  /// conversion: they stay as they are.
  Result<Dimension> make_dimension(const OptionInfo& option, const std::vector<Item>& items) const {
    Dimension dimension{&option, {}};
    for (const Item& item : items) {
      const bool is_exact = option.option == Option::kResult && item.text == "exact";
      const bool is_other =
          item.text == (option.option == Option::kA ? kAccumulator : std::string("same"));
      if (option.values == "FORMAT" && !is_exact && !is_other) {
        const Result<std::vector<Format>> formats = formats_of(key_of(option), item.text);
        if (!formats.ok()) return at(item.line, formats.error());
        for (const Format& format : *formats) {
          dimension.values.push_back({format.name(), item.line});
        }
      } else if (option.number != nullptr) {
        FEWBIT_RETURN_IF_ERROR(add_numbers(option, item, dimension));
      } else {
        dimension.values.push_back(item);
      }
    }
    dimension.values = once_each(dimension.values);
    return dimension;
  }

  /// Without those that were there before.
  static std::vector<Item> once_each(const std::vector<Item>& items) {
    std::vector<Item> kept;
    std::set<std::string> seen;
    for (const Item& item : items) {
      if (seen.insert(item.text).second) kept.push_back(item);
    }
    return kept;
  }

  Status add_numbers(const OptionInfo& option, const Item& item, Dimension& dimension) const {
    const std::size_t dots = item.text.find("..");
    const bool is_range = dots != std::string::npos;
    const std::optional<long long> first = number(item.text.substr(0, dots));
    const std::optional<long long> last = is_range ? number(item.text.substr(dots + 2)) : first;
    if (!first || !last || *first > *last || *last - *first >= kMostRange) {
      return at(item.line, {key_of(option), item.text, "a number, or LO..HI", ""});
    }
    for (long long value = *first; value <= *last; ++value) {
      dimension.values.push_back({std::to_string(value), item.line});
    }
    return Ok{};
  }

  /// Whether a request has use for an option; where not, it is left out of the product.
  static bool applies(const OptionInfo& option, const OperatorInfo& info, const std::string& arch) {
    const bool is_structure = option.option == Option::kStrategy ||
                              option.option == Option::kOptimize || option.option == Option::kDsp ||
                              option.option == Option::kLatency;
    return info.has(option.option) && !(is_structure && arch == "generic");
  }

  Status expand(const Block& block) {
    std::vector<const OperatorInfo*> operators;
    for (const Item& item : block.operators) {
      std::vector<std::string> names;
      for (const OperatorInfo& info : operator_table()) {
        if (info.name == item.text) operators.push_back(&info);
        names.push_back(info.name);
      }
      if (operators.empty() || operators.back()->name != item.text) {
        return at(item.line,
                  {"operators", item.text, fmt::format("{}", fmt::join(names, ", ")), ""});
      }
    }
    for (const Dimension& dimension : block.dimensions) {
      const bool is_used = std::any_of(
          operators.begin(), operators.end(),
          [&](const OperatorInfo* info) { return info->has(dimension.option->option); });
      const bool sizes =
          dimension.option->option == Option::kTerms && takes_accumulators(block.dimensions);
      if (!is_used && !sizes) {
        return at(dimension.values[0].line,
                  {key_of(*dimension.option), dimension.values[0].text,
                   "an option of an operator of this sweep", "none of them has it"});
      }
    }
    FEWBIT_RETURN_IF_ERROR(check_size(block, operators));
    // Architecture innermost: what shares stimulus stands side by side.
    std::vector<Dimension> dimensions = block.dimensions;
    std::stable_sort(dimensions.begin(), dimensions.end(),
                     [](const Dimension& x, const Dimension& y) { return rank(x) < rank(y); });
    for (const Item& target : block.targets) {
      for (const OperatorInfo* info : operators) {
        for (const Item& flow : block.flows) {
          Choice choice{block, target, flow, *info, {}};
          FEWBIT_RETURN_IF_ERROR(expand_from(0, used_by(*info, dimensions), choice));
        }
      }
    }
    return Ok{};
  }

  /// The dimensions that requests of an operator have use for.
  static std::vector<Dimension> used_by(const OperatorInfo& info,
                                        const std::vector<Dimension>& dimensions) {
    const bool all_generic =
        std::any_of(dimensions.begin(), dimensions.end(), [](const Dimension& dimension) {
          return dimension.option->option == Option::kArch && dimension.values.size() == 1 &&
                 dimension.values[0].text == "generic";
        });
    std::vector<Dimension> used;
    for (const Dimension& dimension : dimensions) {
      const bool sizes =
          dimension.option->option == Option::kTerms && takes_accumulators(dimensions);
      if (sizes || applies(*dimension.option, info, all_generic ? "generic" : "")) {
        used.push_back(dimension);
      }
    }
    return used;
  }

  /// Before anything is multiplied: some of the products may turn out to be one job, but nobody
  /// waits for that to be found of billions.
  Status check_size(const Block& block, const std::vector<const OperatorInfo*>& operators) {
    for (const OperatorInfo* info : operators) {
      double product = static_cast<double>(block.targets.size() * block.flows.size());
      for (const Dimension& dimension : used_by(*info, block.dimensions)) {
        product *= static_cast<double>(dimension.values.size());
      }
      choices_ += product;
    }
    if (choices_ <= static_cast<double>(most_jobs_)) return Ok{};
    return at(block.line, {"sweep", fmt::format("a product of {:.0f} choices", choices_),
                           fmt::format("up to {} jobs", most_jobs_), ""});
  }

  static bool takes_accumulators(const std::vector<Dimension>& dimensions) {
    return std::any_of(dimensions.begin(), dimensions.end(), [](const Dimension& d) {
      return d.option->option == Option::kA &&
             std::any_of(d.values.begin(), d.values.end(),
                         [](const Item& item) { return item.text == kAccumulator; });
    });
  }

  static int rank(const Dimension& dimension) {
    const auto place = static_cast<int>(dimension.option - option_table().data());
    return dimension.option->option == Option::kArch ? 1000 : place;
  }

  /// One value for each dimension so far.
  struct Choice {
    const Block& block;
    const Item& target;
    const Item& flow;
    const OperatorInfo& info;
    std::map<Option, Item> values;
  };

  Status expand_from(std::size_t index, const std::vector<Dimension>& dimensions, Choice& choice) {
    if (index == dimensions.size()) return add_jobs(choice);
    const Dimension& dimension = dimensions[index];
    for (const Item& value : dimension.values) {
      choice.values[dimension.option->option] = value;
      FEWBIT_RETURN_IF_ERROR(expand_from(index + 1, dimensions, choice));
    }
    return Ok{};
  }

  /// The job of a choice, or one for each strategy where it says "all".
  Status add_jobs(const Choice& choice) {
    const auto chosen = choice.values.find(Option::kStrategy);
    if (chosen == choice.values.end() || chosen->second.text != "all") return add_job(choice);
    Choice plain = choice;
    plain.values.erase(Option::kStrategy);
    FEWBIT_ASSIGN_OR_RETURN(job, job_of(plain));
    if (job.spec.arch == Architecture::kGeneric) return add_job(plain);
    for (const Strategy strategy : strategies_of(job.spec)) {
      plain.values[Option::kStrategy] = {std::string(to_string(strategy)), chosen->second.line};
      FEWBIT_RETURN_IF_ERROR(add_job(plain));
    }
    return Ok{};
  }

  Status add_job(const Choice& choice) {
    if (interrupted()) return Error{"sweep file", name_, "a plan to its end", "interrupted"};
    FEWBIT_ASSIGN_OR_RETURN(job, job_of(choice));
    if (!commands_.insert(job.command()).second) return Ok{};
    if (plan_.jobs.size() == most_jobs_) {
      return at(choice.block.line, {"sweep", "the product of its lists",
                                    fmt::format("up to {} jobs", most_jobs_), ""});
    }
    plan_.jobs.push_back(std::move(job));
    return Ok{};
  }

  Result<SweepJob> job_of(const Choice& choice) const {
    OperatorRequest request;
    request.op = choice.info.name;
    const auto arch = choice.values.find(Option::kArch);
    const std::string arch_name = arch == choice.values.end() ? "" : arch->second.text;
    for (const auto& [option, item] : choice.values) {
      const OptionInfo& info = option_info(option);
      if (!applies(info, choice.info, arch_name)) continue;
      const bool is_same = info.values == "FORMAT" && item.text == "same";
      FEWBIT_RETURN_IF_ERROR(set_option(request, info, is_same ? request.a : item.text));
    }
    if (request.a == kAccumulator) {
      const Result<std::string> format = accumulator_of(request.result, choice.values);
      if (!format.ok()) return at(choice.values.at(Option::kA).line, format.error());
      request.a = *format;
    }
    Result<SweepJob> job =
        make_job(request, choice.target.text, choice.flow.text, choice.block.seeds);
    if (job.ok()) return job;
    return located(job.error(), choice, request);
  }

  /// The format in which a mac of `operand` with itself sums so many terms as the values say.
  static Result<std::string> accumulator_of(const std::string& operand,
                                            const std::map<Option, Item>& values) {
    OperatorRequest sum;
    sum.op = "mac";
    sum.a = sum.b = operand;
    const auto terms = values.find(Option::kTerms);
    if (operand.empty() || operand == "exact" || terms == values.end()) {
      return Error{"a", kAccumulator, "with `terms`, and a format as `result`",
                   "the accumulator of so many products of that format"};
    }
    FEWBIT_RETURN_IF_ERROR(set_option(sum, option_info(Option::kTerms), terms->second.text));
    FEWBIT_ASSIGN_OR_RETURN(spec, make_operator_spec(sum));
    return Format(accumulator_format(addend_range(spec), spec.terms)).name();
  }

  /// An Error on an option of the command line, as one on the value in the file.
  [[nodiscard]] Error located(Error error, const Choice& choice,
                              const OperatorRequest& request) const {
    int line = choice.block.line;
    if (error.field == "--target") line = choice.target.line;
    if (error.field == "--flow") line = choice.flow.line;
    for (const auto& [option, item] : choice.values) {
      if (option_info(option).name != error.field) continue;
      line = item.line;
      error.field = key_of(option_info(option));
    }
    const std::string operands = request.b.empty() ? request.a : request.a + " x " + request.b;
    const std::string job = fmt::format("of {} {} on {}", request.op, operands, choice.target.text);
    error.detail += (error.detail.empty() ? "" : "; ") + job;
    return at(line, std::move(error));
  }

  std::string name_;
  std::size_t most_jobs_;
  std::string default_target_;
  Plan plan_;
  std::set<std::string> commands_;
  double choices_ = 0;  ///< the products of all blocks so far
};

}  // namespace

Result<Plan> parse_sweep(const std::string& text, const std::string& name, std::size_t most_jobs,
                         const std::string& default_target) {
  return Parser(name, most_jobs, default_target).parse(text);
}

Result<Plan> read_plan(const std::filesystem::path& path) {
  FEWBIT_ASSIGN_OR_RETURN(text, read_file(path));
  const std::string name = path.filename().string();
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_plan = first != std::string::npos && text[first] == '{';
  return is_plan ? parse_lines(text, name) : parse_sweep(text, name);
}

}  // namespace fewbit::sweep
