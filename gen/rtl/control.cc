// Control: see control.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/control.h"

#include <algorithm>
#include <set>

#include "fewbit/gen/util/check.h"

namespace fewbit::rtl {

int Module::codes(const Codes& codes) {
  std::set<int> values;
  std::set<std::string> names;
  for (const auto& [name, code] : codes.codes) {
    FEWBIT_CHECK(code >= 0 && BigInt(code) < pow2(codes.width), "code {} of {} in {} bits", code,
                 name, codes.width);
    FEWBIT_CHECK(values.insert(code).second && names.insert(name).second, "{} twice in {}", name,
                 codes.name);
  }
  codes_.push_back(codes);
  return static_cast<int>(codes_.size()) - 1;
}

Signal Module::coded(int codes, const std::string& name) {
  const Codes& set = codes_[static_cast<std::size_t>(codes)];
  for (const auto& [known, code] : set.codes) {
    if (known == name) {
      return add({.op = Op::kConst, .width = set.width, .value = code, .codes = codes});
    }
  }
  FEWBIT_CHECK(false, "no {} among the codes {}", name, set.name);
}

Signal select_case(const Signal& selector, const std::vector<std::pair<Signal, Signal>>& arms,
                   const Signal& otherwise) {
  Module& module = selector.module();
  FEWBIT_CHECK(selector.full_width().parameter < 0, "a selector of parameterised width");
  Node node{.op = Op::kCase, .width = otherwise.full_width(), .args = {selector.id()}};
  std::set<int> labels;
  for (const auto& [code, value] : arms) {
    const Node& constant = module.node(code.id());
    FEWBIT_CHECK(
        constant.op == Op::kConst && code.width() == selector.width() && constant.value < pow2(31),
        "a case of {} bits over a selector of {}", code.width(), selector.width());
    FEWBIT_CHECK(value.full_width() == otherwise.full_width(), "cases of {} bits and {} bits",
                 value.width(), otherwise.width());
    const int label = static_cast<int>(constant.value);
    FEWBIT_CHECK(labels.insert(label).second, "code {} twice in a case", label);
    node.codes = constant.codes;
    node.labels.push_back(label);
    node.args.push_back(value.id());
  }
  node.args.push_back(otherwise.id());
  return module.add(std::move(node));
}

StateMachine::StateMachine(Module& module, const std::string& name,
                           const std::vector<std::string>& states, Encoding encoding)
    : m_(module), name_(name), states_(states), encoding_(encoding) {
  const int count = static_cast<int>(states.size());
  FEWBIT_CHECK(count >= 2 && (encoding == Encoding::kBinary || count <= 30), "{} states", count);
  Codes codes{name, encoding == Encoding::kOneHot ? count : address_bits(count), {}};
  for (int i = 0; i < count; ++i) {
    codes.codes.emplace_back(states[static_cast<std::size_t>(i)],
                             encoding == Encoding::kOneHot ? 1 << i : i);
  }
  codes_ = m_.codes(codes);
  q_ = m_.reg(name + "_q", codes.width, {.reset_value = codes.codes[0].second}, codes_);
}

Signal StateMachine::in(const std::string& state_name) const {
  if (encoding_ == Encoding::kBinary) return equal(q_, state(state_name));
  const auto place = std::find(states_.begin(), states_.end(), state_name);
  FEWBIT_CHECK(place != states_.end(), "no state {}", state_name);
  return q_.bit(static_cast<int>(place - states_.begin()));
}

void StateMachine::go(const std::string& from, const Signal& condition, const std::string& to) {
  (void)state(from);  // both exist
  transitions_.push_back({from, to, condition});
  (void)state(to);
}

void StateMachine::finish() {
  std::vector<std::pair<Signal, Signal>> arms;
  for (const std::string& from : states_) {
    Signal next = state(from);
    for (auto t = transitions_.rbegin(); t != transitions_.rend(); ++t) {
      if (t->from == from) next = mux(t->condition, state(t->to), next);
    }
    arms.emplace_back(state(from), next);
  }
  m_.drive(q_, m_.net(name_ + "_d", select_case(q_, arms, state(states_[0]))));
}

Counter counter(Module& m, const std::string& name, int count, const Signal& advance,
                const Signal& clear) {
  FEWBIT_CHECK(count >= 1, "a counter of {}", count);
  if (count == 1) return {m.constant(0, 0), m.constant(1, 1)};
  const int bits = address_bits(count);
  const Signal q = m.reg(name + "_q", bits, {.enable = advance, .clear = clear});
  const Signal last = m.net(name + "_last", equal(q, m.constant(bits, count - 1)));
  const Signal next = q + m.constant(bits, 1);
  const bool wraps = pow2(bits) == count;  // by itself
  m.drive(q, m.net(name + "_d", wraps ? next : mux(last, m.constant(bits, 0), next)));
  return {q, last};
}

}  // namespace fewbit::rtl
