// Cells of a library, their tables of times and their functions: see liberty.h.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <mutex>
#include <set>

#include "fewbit/flows/liberty.h"

namespace fewbit::flows {
namespace {

/// A finite number, or nothing.
std::optional<double> number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// Words between blanks and commas.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ' && c != ',' && c != '\t' && c != '\n' && c != '\r' && c != '\\') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

class LibraryReader {
 public:
  LibraryReader(std::string field, const LibertyGroup& library)
      : field_(std::move(field)), library_(library) {}

  Result<CellLibrary> whole() {
    CellLibrary result;
    result.name = library_.arguments.empty() ? "" : library_.arguments.front();
    FEWBIT_RETURN_IF_ERROR(units());
    for (const LibertyGroup& group : library_.groups) {
      if (group.name == "lu_table_template" && !group.arguments.empty()) {
        templates_[group.arguments.front()] = &group;
      }
    }
    for (const LibertyGroup& group : library_.groups) {
      if (group.name != "cell") continue;
      FEWBIT_ASSIGN_OR_RETURN(cell, cell_of(group));
      result.cells[cell.name] = cell;
    }
    return result;
  }

 private:
  [[nodiscard]] Error wrong(const LibertyGroup& group, const std::string& value,
                            const std::string& legal) const {
    return Error{field_, value, legal,
                 fmt::format("{} in line {} of the library", group.name, group.line)};
  }

  Status units() {
    const std::string time = library_.value("time_unit");
    static const std::map<std::string, double> kTimes = {
        {"", 1.0}, {"1ns", 1.0}, {"100ps", 0.1}, {"10ps", 0.01}, {"1ps", 0.001}};
    if (!kTimes.contains(time)) return wrong(library_, time, "time_unit 1ns, 100ps, 10ps or 1ps");
    ns_ = kTimes.at(time);
    const auto load = library_.attributes.find("capacitive_load_unit");
    if (load == library_.attributes.end()) return Ok{};
    const auto& values = load->second;
    const std::optional<double> size = values.size() == 2 ? number(values[0]) : std::nullopt;
    const bool is_ff = values.size() == 2 && (values[1] == "ff" || values[1] == "fF");
    const bool is_pf = values.size() == 2 && (values[1] == "pf" || values[1] == "pF");
    if (!size || *size <= 0 || (!is_ff && !is_pf)) {
      return wrong(library_, values.empty() ? "" : values.back(),
                   "capacitive_load_unit (NUMBER, pf or ff)");
    }
    pf_ = *size * (is_ff ? 0.001 : 1.0);
    return Ok{};
  }

  Result<double> real(const LibertyGroup& group, const std::string& attribute, double otherwise) {
    const std::string text = group.value(attribute);
    if (text.empty()) return otherwise;
    const std::optional<double> value = number(text);
    if (!value) return wrong(group, text, attribute + " as a number");
    return *value;
  }

  Result<std::vector<double>> numbers(const LibertyGroup& group, const std::string& attribute) {
    std::vector<double> all;
    const auto found = group.attributes.find(attribute);
    if (found == group.attributes.end()) return all;
    for (const std::string& list : found->second) {
      for (const std::string& word : words_of(list)) {
        const std::optional<double> value = number(word);
        if (!value) return wrong(group, word, attribute + " of numbers");
        all.push_back(*value);
      }
    }
    return all;
  }

  struct Axis {
    bool is_first = false;  ///< the output's load, or the clock's slew
    std::vector<double> points;
  };
  Result<Axis> axis(const LibertyGroup& table, const LibertyGroup* shape,
                    const std::string& place) {
    Axis axis;
    if (shape == nullptr) return axis;
    const std::string variable = shape->value("variable_" + place);
    if (variable.empty()) return axis;
    FEWBIT_ASSIGN_OR_RETURN(own, numbers(table, "index_" + place));
    FEWBIT_ASSIGN_OR_RETURN(usual, numbers(*shape, "index_" + place));
    axis.points = own.empty() ? usual : own;
    const bool is_load = variable == "total_output_net_capacitance";
    axis.is_first = is_load || variable == "related_pin_transition";
    if (!is_load && variable != "input_net_transition" && !variable.ends_with("_pin_transition")) {
      return wrong(*shape, variable,
                   "variables total_output_net_capacitance, input_net_transition, "
                   "related_pin_transition, constrained_pin_transition");
    }
    for (double& point : axis.points) point *= is_load ? pf_ : ns_;
    if (axis.points.empty() || !std::is_sorted(axis.points.begin(), axis.points.end()) ||
        std::adjacent_find(axis.points.begin(), axis.points.end()) != axis.points.end()) {
      return wrong(table, "index_" + place, "numbers that rise");
    }
    return axis;
  }

  Result<TimingTable> table_of(const LibertyGroup& group) {
    const std::string shape = group.arguments.empty() ? "scalar" : group.arguments.front();
    const auto found = templates_.find(shape);
    if (found == templates_.end() && shape != "scalar") {
      return wrong(group, shape, "a lu_table_template of the library");
    }
    const LibertyGroup* rows = found == templates_.end() ? nullptr : found->second;
    FEWBIT_ASSIGN_OR_RETURN(outer, axis(group, rows, "1"));
    FEWBIT_ASSIGN_OR_RETURN(inner, axis(group, rows, "2"));
    FEWBIT_ASSIGN_OR_RETURN(values, numbers(group, "values"));
    const std::size_t columns = std::max<std::size_t>(inner.points.size(), 1);
    const std::size_t wanted = std::max<std::size_t>(outer.points.size(), 1) * columns;
    if (values.size() != wanted) {
      return wrong(group, fmt::format("{} values", values.size()), fmt::format("{}", wanted));
    }
    for (double& value : values) value *= ns_;
    if (!inner.points.empty() && outer.is_first == inner.is_first) {
      return wrong(group, shape, "a template over two different variables");
    }
    if (outer.is_first) return TimingTable{outer.points, inner.points, values};
    TimingTable turned{inner.points, outer.points, {}};
    for (std::size_t load = 0; load < columns; ++load) {
      for (std::size_t slew = 0; slew < wanted / columns; ++slew) {
        turned.values.push_back(values[slew * columns + load]);
      }
    }
    return turned;
  }

  /// A table of the group, or of intrinsic time and resistance, or none.
  Result<TimingTable> times(const LibertyGroup& timing, const std::string& table,
                            const std::string& edge) {
    for (const LibertyGroup& group : timing.groups) {
      if (group.name == table) return table_of(group);
    }
    if (edge.empty() || timing.value("intrinsic_" + edge).empty()) return TimingTable{};
    FEWBIT_ASSIGN_OR_RETURN(intrinsic, real(timing, "intrinsic_" + edge, 0));
    FEWBIT_ASSIGN_OR_RETURN(resistance, real(timing, edge + "_resistance", 0));
    return TimingTable{{0, pf_}, {}, {intrinsic * ns_, (intrinsic + resistance) * ns_}};
  }

  Status read_timing(const LibertyGroup& timing, CellPin& pin) {
    const std::string type = timing.value("timing_type");
    if (type == "setup_rising" || type == "setup_falling") {
      FEWBIT_ASSIGN_OR_RETURN(rise, times(timing, "rise_constraint", "rise"));
      FEWBIT_ASSIGN_OR_RETURN(fall, times(timing, "fall_constraint", "fall"));
      if (!rise.values.empty()) pin.setup_rise = rise;
      if (!fall.values.empty()) pin.setup_fall = fall;
      return Ok{};
    }
    const bool from_clock = type == "rising_edge" || type == "falling_edge";
    if (!pin.is_output || (!type.empty() && type.rfind("combinational", 0) != 0 && !from_clock)) {
      return Ok{};
    }
    TimingArc arc;
    arc.from_clock = from_clock;
    const std::string sense = timing.value("timing_sense");
    if (sense == "positive_unate") arc.sense = TimingArc::Sense::kPositive;
    if (sense == "negative_unate") arc.sense = TimingArc::Sense::kNegative;
    FEWBIT_ASSIGN_OR_RETURN(rise, times(timing, "cell_rise", "rise"));
    FEWBIT_ASSIGN_OR_RETURN(fall, times(timing, "cell_fall", "fall"));
    FEWBIT_ASSIGN_OR_RETURN(rise_slew, times(timing, "rise_transition", ""));
    FEWBIT_ASSIGN_OR_RETURN(fall_slew, times(timing, "fall_transition", ""));
    arc.rise = rise;
    arc.fall = fall;
    arc.rise_slew = rise_slew;
    arc.fall_slew = fall_slew;
    for (const std::string& related : words_of(timing.value("related_pin"))) {
      arc.related_pin = related;
      pin.arcs.push_back(arc);
    }
    return Ok{};
  }

  Result<CellPin> pin_of(const LibertyGroup& group) {
    CellPin pin;
    const std::string direction = group.value("direction");
    pin.is_output = direction == "output";
    FEWBIT_ASSIGN_OR_RETURN(capacitance, real(group, "capacitance", 0));
    if (capacitance < 0)
      return wrong(group, group.value("capacitance"), "capacitance of 0 or more");
    pin.capacitance = capacitance * pf_;
    pin.function = group.value("function");
    for (const LibertyGroup& timing : group.groups) {
      if (timing.name == "timing") FEWBIT_RETURN_IF_ERROR(read_timing(timing, pin));
    }
    return pin;
  }

  Result<LibraryCell> cell_of(const LibertyGroup& group) {
    LibraryCell cell;
    if (group.arguments.size() != 1) return wrong(group, "cell ()", "cell (NAME)");
    cell.name = group.arguments.front();
    FEWBIT_RETURN_IF_ERROR(check_name(group, cell.name));
    cell.is_usable = true;
    FEWBIT_ASSIGN_OR_RETURN(area, real(group, "area", -1));
    if (area < 0) {
      return wrong(group, group.value("area"), "an area of 0 or more for cell " + cell.name);
    }
    cell.area = area;
    for (const LibertyGroup& inner : group.groups) {
      if (inner.name == "latch" || inner.name == "statetable" || inner.name == "bus" ||
          inner.name == "bundle" || inner.name == "ff_bank" || inner.name == "latch_bank") {
        cell.is_usable = false;
      } else if (inner.name == "ff") {
        if (inner.arguments.size() != 2) {
          return wrong(inner, cell.name, "ff (STATE, INVERSE)");
        }
        for (const std::string& name : inner.arguments) {
          FEWBIT_RETURN_IF_ERROR(check_name(inner, name));
        }
        cell.state = CellState{inner.arguments[0],
                               inner.arguments[1],
                               inner.value("next_state"),
                               inner.value("clocked_on"),
                               inner.value("clear"),
                               inner.value("preset"),
                               inner.value("clear_preset_var1") != "H"};
      } else if (inner.name == "pin") {
        FEWBIT_ASSIGN_OR_RETURN(pin, pin_of(inner));
        const std::string direction = inner.value("direction");
        if (direction != "input" && direction != "output") cell.is_usable = false;
        if (inner.attributes.contains("three_state")) cell.is_usable = false;
        for (const std::string& name : inner.arguments) {
          FEWBIT_RETURN_IF_ERROR(check_name(inner, name));
          pin.name = name;
          cell.pins.push_back(pin);
        }
      }
    }
    FEWBIT_RETURN_IF_ERROR(check_functions(group, cell));
    return cell;
  }

  /// Names go into scripts and Verilog.
  Status check_name(const LibertyGroup& group, const std::string& name) {
    const bool is_plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    });
    if (is_plain) return Ok{};
    return wrong(group, name, "a name of letters, digits and _");
  }

  Status check_functions(const LibertyGroup& group, LibraryCell& cell) {
    std::set<std::string> inputs, known;
    int outputs = 0;
    for (const CellPin& pin : cell.pins) {
      if (!pin.is_output) inputs.insert(pin.name);
      if (pin.is_output) ++outputs;
      if (pin.is_output && pin.function.empty()) cell.is_usable = false;
    }
    if (outputs == 0) cell.is_usable = false;
    if (!cell.is_usable) return Ok{};
    known = inputs;
    if (cell.state) known.insert({cell.state->variable, cell.state->inverse});
    const auto check = [&](const std::string& function,
                           const std::set<std::string>& names) -> Status {
      if (function.empty()) return Ok{};
      FEWBIT_ASSIGN_OR_RETURN(used, names_in(field_, function));
      for (const std::string& name : used) {
        if (!names.contains(name)) {
          return wrong(group, function, "a function of the pins of cell " + cell.name);
        }
      }
      return Ok{};
    };
    for (const CellPin& pin : cell.pins) {
      if (pin.is_output) FEWBIT_RETURN_IF_ERROR(check(pin.function, known));
    }
    if (!cell.state) return Ok{};
    for (const std::string& one : {cell.state->next_state, cell.state->clocked_on}) {
      if (one.empty()) return wrong(group, cell.name, "an ff with next_state and clocked_on");
    }
    FEWBIT_RETURN_IF_ERROR(check(cell.state->next_state, known));
    for (const std::string& one : {cell.state->clocked_on, cell.state->clear, cell.state->preset}) {
      FEWBIT_RETURN_IF_ERROR(check(one, inputs));
    }
    return Ok{};
  }

  std::string field_;
  const LibertyGroup& library_;
  std::map<std::string, const LibertyGroup*> templates_;
  double ns_ = 1, pf_ = 1;  ///< of a unit of the file
};

}  // namespace

double TimingTable::at(double load, double slew) const {
  if (values.empty()) return 0;
  // The lower of the two points between which x is, and how far it is on the way.
  const auto place = [](const std::vector<double>& points, double x, bool goes_on) {
    if (points.size() < 2 || x <= points.front()) return std::pair<std::size_t, double>{0, 0.0};
    std::size_t i = 0;
    while (i + 2 < points.size() && x > points[i + 1]) ++i;
    const double way = (x - points[i]) / (points[i + 1] - points[i]);
    return std::pair{i, goes_on ? way : std::min(way, 1.0)};
  };
  const auto [i, over] = place(loads, load, true);
  const auto [j, along] = place(slews, slew, false);
  const std::size_t columns = std::max<std::size_t>(slews.size(), 1);
  const auto row = [&, j = j, along = along](std::size_t r) {
    const double low = values[r * columns + j];
    return along == 0.0 ? low : low + along * (values[r * columns + j + 1] - low);
  };
  return over == 0.0 ? row(i) : row(i) + over * (row(i + 1) - row(i));
}

const CellPin* LibraryCell::pin(const std::string& pin_name) const {
  const auto found = std::find_if(pins.begin(), pins.end(),
                                  [&](const CellPin& pin) { return pin.name == pin_name; });
  return found == pins.end() ? nullptr : &*found;
}

const LibraryCell* CellLibrary::cell(const std::string& cell_name) const {
  const auto found = cells.find(cell_name);
  return found == cells.end() ? nullptr : &found->second;
}

Result<CellLibrary> parse_library(const std::string& field, const std::string& text) {
  FEWBIT_ASSIGN_OR_RETURN(group, parse_liberty(field, text));
  FEWBIT_ASSIGN_OR_RETURN(library, LibraryReader(field, group).whole());
  library.sha256 = sha256(text);
  // What Yosys and ABC cannot do without.
  bool has_state = false, has_inverter = false, has_buffer = false;
  for (const auto& [name, cell] : library.cells) {
    if (!cell.is_usable) continue;
    has_state = has_state || cell.state;
    if (cell.state || cell.pins.size() != 2) continue;
    const CellPin& in = cell.pins[cell.pins[0].is_output ? 1 : 0];
    const CellPin& out = cell.pins[cell.pins[0].is_output ? 0 : 1];
    FEWBIT_ASSIGN_OR_RETURN(function, verilog_of(field, out.function));
    has_inverter = has_inverter || function == fmt::format("(~\\{} )", in.name);
    has_buffer = has_buffer || function == fmt::format("\\{} ", in.name);
  }
  if (!has_state || !has_inverter || !has_buffer) {
    return Error{field, library.name, "a library with a flip-flop, an inverter and a buffer",
                 "nothing can be mapped to another one"};
  }
  return library;
}

Result<std::shared_ptr<const CellLibrary>> read_library(const std::string& field,
                                                        const std::filesystem::path& path) {
  static std::mutex mutex;
  static std::map<std::filesystem::path, std::shared_ptr<const CellLibrary>> read;
  const std::scoped_lock lock(mutex);
  const std::filesystem::path whole = std::filesystem::absolute(path);
  if (const auto found = read.find(whole); found != read.end()) return found->second;
  constexpr std::size_t kMostBytes = std::size_t{1} << 28;
  Result<std::string> text = read_file(whole, kMostBytes);
  if (!text.ok()) {
    return Error{field, path.string(), "a Liberty file (.lib) that can be read",
                 text.error().message()};
  }
  FEWBIT_ASSIGN_OR_RETURN(library, parse_library(field, *text));
  library.path = whole;
  return read[whole] = std::make_shared<const CellLibrary>(std::move(library));
}

}  // namespace fewbit::flows
