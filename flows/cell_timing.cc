// The longest path of a netlist: see cell_timing.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/cell_timing.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "fewbit/gen/util/json.h"

namespace fewbit::flows {
namespace {

/// When an edge comes, and how long it takes.
struct Edge {
  double at = -1;  ///< ns; below 0: never
  double slew = 0;
  /// The later one counts, and the slower one of all: they need not be of one path.
  void meet(double time, double its_slew) {
    at = std::max(at, time);
    slew = std::max(slew, its_slew);
  }
};
struct Net {
  double load = 0;  ///< pF
  Edge rise, fall;
  std::vector<std::size_t> readers;  ///< cells
};

struct Instance {
  const LibraryCell* cell = nullptr;
  std::unordered_map<std::string, int> nets;  ///< of the pins; none of constants
  int waits = 0;                              ///< inputs that have no arrival yet
};

class Paths {
 public:
  explicit Paths(const CellLibrary& library) : library_(library) {}

  Status read(const nlohmann::json& cells) {
    for (const auto& [name, json] : cells.items()) {
      const std::string type = json.at("type");
      if (type == "$scopeinfo") continue;
      const LibraryCell* cell = library_.cell(type);
      if (cell == nullptr || !cell->is_usable) {
        return Error{"netlist", type, "a gate or flip-flop of library " + library_.name,
                     "its delay is not known", Cause::kTool};
      }
      Instance instance{cell, {}, 0};
      for (const auto& [pin, bits] : json.at("connections").items()) {
        if (bits.size() == 1 && bits[0].is_number_integer()) instance.nets[pin] = bits[0];
      }
      instances_.push_back(std::move(instance));
    }
    return connect();
  }

  Result<double> longest() {
    std::deque<std::size_t> ready;
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      const Instance& one = instances_[i];
      if (one.cell->state || one.waits == 0) ready.push_back(i);
    }
    std::size_t done = 0;
    while (!ready.empty()) {
      const std::size_t i = ready.front();
      ready.pop_front();
      ++done;
      FEWBIT_RETURN_IF_ERROR(drive(instances_[i], ready));
    }
    if (done < instances_.size()) {
      return Error{"netlist", "a combinational loop", "a netlist without one", "", Cause::kDesign};
    }
    double longest = 0;
    for (const Instance& one : instances_) {
      if (one.cell->state) longest = std::max(longest, arrival_at(one));
    }
    return longest;
  }

 private:
  /// Loads and readers of the nets. What a flip-flop drives waits for nobody.
  Status connect() {
    std::unordered_map<int, bool> is_driven;
    for (const Instance& one : instances_) {
      for (const auto& [name, net] : one.nets) {
        const CellPin* pin = one.cell->pin(name);
        if (pin != nullptr && pin->is_output) is_driven[net] = true;
      }
    }
    for (std::size_t i = 0; i < instances_.size(); ++i) {
      Instance& one = instances_[i];
      for (const auto& [name, net] : one.nets) {
        const CellPin* pin = one.cell->pin(name);
        if (pin == nullptr) {
          return Error{"netlist", one.cell->name + "." + name, "a pin of the cell in the library",
                       "", Cause::kTool};
        }
        if (pin->is_output) continue;
        nets_[net].load += pin->capacitance;
        if (one.cell->state || !is_driven.contains(net)) continue;
        nets_[net].readers.push_back(i);
        ++one.waits;
      }
    }
    return Ok{};
  }

  /// What an arc makes of its input's edges at the output.
  static void follow(const TimingArc& arc, const Net& input, double load, Net& output) {
    const auto one = [load](const TimingTable& delay, const TimingTable& slew, const Edge& from,
                            Edge& to) {
      if (from.at >= 0 && !delay.values.empty()) {
        to.meet(from.at + delay.at(load, from.slew), slew.at(load, from.slew));
      }
    };
    if (arc.sense != TimingArc::Sense::kNegative) {
      one(arc.rise, arc.rise_slew, input.rise, output.rise);
      one(arc.fall, arc.fall_slew, input.fall, output.fall);
    }
    if (arc.sense != TimingArc::Sense::kPositive) {
      one(arc.rise, arc.rise_slew, input.fall, output.rise);
      one(arc.fall, arc.fall_slew, input.rise, output.fall);
    }
  }

  Status drive(const Instance& one, std::deque<std::size_t>& ready) {
    Net clock;  // its rising edge, of no slew, at 0
    clock.rise.at = 0;
    for (const CellPin& pin : one.cell->pins) {
      const auto found = one.nets.find(pin.name);
      if (!pin.is_output || found == one.nets.end()) continue;
      Net& output = nets_[found->second];
      bool has_delay = false;
      for (const TimingArc& arc : pin.arcs) {
        if (arc.from_clock != one.cell->state.has_value()) continue;
        has_delay = has_delay || !arc.rise.values.empty() || !arc.fall.values.empty();
        const auto input = one.nets.find(arc.related_pin);
        if (arc.from_clock) {
          TimingArc both = arc;
          both.sense = TimingArc::Sense::kBoth;
          follow(both, clock, output.load, output);
        } else if (input != one.nets.end()) {
          follow(arc, nets_[input->second], output.load, output);
        }
      }
      if (!has_delay && one.cell->pins.size() > 1) {
        return Error{"library", one.cell->name + "." + pin.name, "a pin with delays",
                     "timing groups with cell_rise and cell_fall", Cause::kTool};
      }
      for (const std::size_t reader : output.readers) {
        if (--instances_[reader].waits == 0) ready.push_back(reader);
      }
    }
    return Ok{};
  }

  /// The latest arrival at a data pin of a flip-flop, setup included.
  double arrival_at(const Instance& one) {
    double latest = 0;
    for (const CellPin& pin : one.cell->pins) {
      const auto found = one.nets.find(pin.name);
      if (pin.is_output || found == one.nets.end()) continue;
      const Net& net = nets_[found->second];
      const auto meet = [&latest](const Edge& edge, const std::optional<TimingTable>& setup) {
        if (edge.at >= 0 && setup) latest = std::max(latest, edge.at + setup->at(0, edge.slew));
      };
      meet(net.rise, pin.setup_rise);
      meet(net.fall, pin.setup_fall);
    }
    return latest;
  }

  const CellLibrary& library_;
  std::vector<Instance> instances_;
  std::unordered_map<int, Net> nets_;
};

/// Whether a function is true where the pin is: a flip-flop of a rising edge.
bool is_plain(const std::string& function) {
  return function.find('!') == std::string::npos && function.find('\'') == std::string::npos;
}

}  // namespace

Result<double> longest_path_ns(const std::string& netlist, const std::string& module,
                               const CellLibrary& library) {
  const auto json = parse_json<nlohmann::json>(netlist);
  if (json.is_discarded() || !json.contains("modules") || !json["modules"].contains(module)) {
    return Error{"yosys write_json", module, "a module with cells", "is this Yosys older or newer?",
                 Cause::kTool};
  }
  const nlohmann::json& cells = json["modules"][module].at("cells");
  for (const auto& [name, cell] : cells.items()) {
    const LibraryCell* one = library.cell(cell.at("type").get<std::string>());
    if (one != nullptr && one->state && !is_plain(one->state->clocked_on)) {
      return Error{"netlist", one->name, "flip-flops of rising edges",
                   "a path of half a cycle is not looked at", Cause::kTool};
    }
  }
  Paths paths(library);
  FEWBIT_RETURN_IF_ERROR(paths.read(cells));
  return paths.longest();
}

}  // namespace fewbit::flows
