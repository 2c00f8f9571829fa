// Measured costs of what layers are made of, and what devices have.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "fewbit/gen/rtl/memory.h"
#include "fewbit/gen/util/result.h"

namespace fewbit::quant {

/// Share of a device's lookup tables that is filled at most: beyond it routing fails.
inline constexpr double kMostFill = 0.85;

/// Four-input lookup tables (a carry cell counts as two), block RAMs and multipliers of 18 x 18.
struct Device {
  std::string name;
  int luts = 0;
  int brams = 0;
  int multipliers = 0;
  double fill = kMostFill;  ///< 1 of a budget of lookup tables
  [[nodiscard]] double most_luts() const { return fill * luts; }
};
const std::vector<Device>& plan_devices();
Result<Device> find_plan_device(const std::string& name);

/// The rows of quant/hardware/blocks.json, each made by the command that it names.
class BlockCosts {
 public:
  static const BlockCosts& measured();

  /// LUTs of a running dot product of `lanes` lanes: measured ones, on a straight line between and
  /// beyond them. Errors: formats that have no rows; those that have are listed.
  [[nodiscard]] Result<double> dot(const std::string& weights, const std::string& activations,
                                   int lanes) const;
  /// The commands that made the rows of a pair, none where it has none.
  [[nodiscard]] std::vector<std::string> dot_commands(const std::string& weights,
                                                      const std::string& activations) const;
  /// LUTs of a requantizer into a format, its multiplier apart. The same Errors.
  [[nodiscard]] Result<double> requantizer(const std::string& result) const;
  /// LUTs of a conversion of a stream.
  [[nodiscard]] Result<double> conversion(const std::string& result) const;

 private:
  BlockCosts();
  [[nodiscard]] Result<double> single(const std::string& op, const std::string& result) const;

  struct Row {
    double luts = 0;
    std::string command;
  };
  /// By operator, weights and result: by lanes.
  std::map<std::tuple<std::string, std::string, std::string>, std::map<int, Row>> rows_;
};

}  // namespace fewbit::quant
