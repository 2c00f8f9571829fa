// Control: states with named codes, and counters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"

namespace fewbit::rtl {

/// A machine of named states; reset puts it into the first one, and so does a code that is none of
/// theirs. States and transitions are printed by name, as a case statement.
///
///   StateMachine state(m, "state", {"idle", "run"});
///   state.go("idle", start, "run");       // the first condition that holds wins
///   state.go("run", last, "idle");
///   state.finish();
class StateMachine {
 public:
  enum class Encoding { kBinary, kOneHot };
  /// The register is name_q; codes are 0, 1, 2, ... or 1, 2, 4, ... in order. At least 2 states.
  StateMachine(Module& module, const std::string& name, const std::vector<std::string>& states,
               Encoding encoding = Encoding::kBinary);

  /// 1 where the machine is in this state.
  [[nodiscard]] Signal in(const std::string& state) const;
  [[nodiscard]] Signal code() const { return q_; }
  void go(const std::string& from, const Signal& condition, const std::string& to);
  /// Makes the transitions; where none holds the state stays.
  void finish();

 private:
  struct Transition {
    std::string from, to;
    Signal condition;
  };
  [[nodiscard]] Signal state(const std::string& name) const { return m_.coded(codes_, name); }

  Module& m_;
  std::string name_;
  std::vector<std::string> states_;
  Encoding encoding_;
  int codes_ = -1;
  Signal q_;
  std::vector<Transition> transitions_;
};

/// 0 .. count - 1 and again 0, one on where `advance` is 1. A count of 1 has no register.
struct Counter {
  Signal value;  ///< of address_bits(count) bits
  Signal last;   ///< value == count - 1
};
/// `clear` (absent: never) sets it to 0. The register is name_q.
Counter counter(Module& module, const std::string& name, int count, const Signal& advance,
                const Signal& clear = {});

}  // namespace fewbit::rtl
