// A module's graph in the hands of a test: nets by name, and slips planted where a builder makes
// one expression.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fewbit/gen/rtl/module.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/rtl/printer.h"
#include "fewbit/gen/util/check.h"

namespace fewbit::testing {

class GraphEdit {
 public:
  /// Names are those of the emitted text.
  explicit GraphEdit(rtl::Module& module) : m_(module) { rtl::legalise_names(m_); }

  [[nodiscard]] bool has(const std::string& name) const { return node_of(name) >= 0; }
  /// The port, net or register of that name.
  [[nodiscard]] rtl::Signal operator[](const std::string& name) const {
    FEWBIT_CHECK(has(name), "the builder no longer makes a net '{}':\n{}", name, rtl::print(m_));
    return m_.signal(node_of(name));
  }
  [[nodiscard]] rtl::Signal constant(int width, int value) const {
    return m_.constant(width, value);
  }

  /// In what drives `holder`, a net or a register: the expression that equals `right`, which must
  /// be there once, becomes `wrong`.
  void plant(const std::string& holder, const rtl::Signal& right, const rtl::Signal& wrong) {
    const int id = (*this)[holder].id();
    const rtl::Node& node = m_.node(id);
    std::vector<int> places;
    if (node.op == rtl::Op::kRegister && same(node.data, right.id())) {
      m_.redrive(m_.signal(id), wrong, node.clear < 0 ? rtl::Signal() : m_.signal(node.clear));
      return;
    }
    collect(node.op == rtl::Op::kRegister ? node.data : node.args.at(0), right.id(), places);
    ASSERT_EQ(places.size(), 1U) << "the builder no longer makes this of " << holder << ":\n"
                                 << rtl::print(m_);
    rtl::Node planted = m_.node(wrong.id());
    // A net of its own cannot stand in two places; an expression that is one of its names can.
    if (!planted.name.empty()) {
      planted = {.op = rtl::Op::kOr, .width = planted.width, .args = {wrong.id(), wrong.id()}};
    }
    m_.replace(places[0], planted);
  }

 private:
  [[nodiscard]] int node_of(const std::string& name) const {
    const std::vector<bool> live = rtl::live_nodes(m_);
    for (std::size_t i = 0; i < m_.nodes().size(); ++i) {
      if (live[i] && m_.nodes()[i].name == name) return static_cast<int>(i);
    }
    return -1;
  }
  [[nodiscard]] bool same(int x, int y) const {
    const rtl::Node& a = m_.node(x);
    const rtl::Node& b = m_.node(y);
    if (x == y) return true;
    if (!a.name.empty() || a.op != b.op || a.width != b.width || a.value != b.value ||
        a.low != b.low || a.args.size() != b.args.size()) {
      return false;
    }
    for (std::size_t i = 0; i < a.args.size(); ++i) {
      if (!same(a.args[i], b.args[i])) return false;
    }
    return true;
  }
  void collect(int id, int right, std::vector<int>& places) const {
    if (same(id, right)) {
      places.push_back(id);
    } else if (m_.node(id).name.empty()) {
      for (const int arg : m_.node(id).args) collect(arg, right, places);
    }
  }

  rtl::Module& m_;
};

}  // namespace fewbit::testing
