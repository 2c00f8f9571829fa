// The structure of a design: words for readers do not change it, gates do.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/structure.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "fewbit/gen/ops/emit.h"
#include "fewbit/gen/rtl/control.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/rtl/passes.h"
#include "fewbit/gen/rtl/printer.h"

namespace fewbit::rtl {
namespace {

/// What a module of these tests is made with.
struct Words {
  std::string module = "m", net = "sum", state = "StateIdle", table = "SquareTable";
  std::string header = "A header", section = "A section", scope = "lane_0", note = "squares";
  std::string parameter = "a comment", memory = "weights", instance = "u_inner";
};
struct Gates {
  int width = 4, reset_value = 0, word = 9, bits = 0x6996, least = 2;
  bool enable = true, subtract = false, swapped = false, second = false;
  Collision collision = Collision::kOld;
};

std::shared_ptr<Module> inner_module(const Words& words, const Gates& gates) {
  auto inner = std::make_shared<Module>(words.module + "_inner");
  const Signal a = inner->input("a_i", gates.width), b = inner->input("b_i", gates.width);
  inner->output("least_o", inner->net(words.net, gates.subtract ? a - b : a + b));
  inner->output("both_o", a & b);
  return inner;
}

/// A clocked module with a little of everything.
std::string structure(const Words& words, const Gates& gates, bool named = false) {
  Module m(words.module);
  m.header(words.header);
  m.clocked(Reset::kSyncHigh);
  m.parameter({"Width", 8, words.parameter, gates.least, 16});
  const Signal a = m.input("a_i", gates.width), b = m.input("b_i", gates.width);
  const Signal enable = m.input("valid_i", 1);
  m.section(words.section);
  const auto inner = inner_module(words, gates);
  const auto outputs =
      m.instance(inner, words.instance, {{"a_i", gates.swapped ? b : a}, {"b_i", a}});
  const Signal sum = outputs[gates.second ? "both_o" : "least_o"];
  const Scope scope(m, words.scope);
  const Signal named_sum = named ? m.net(words.net + "_again", sum) : sum;
  const Signal parity =
      m.net(words.net + "_parity", table(gates.bits, named_sum.low(4), {words.table, words.note}));
  RegisterControl control;
  if (gates.enable) control.enable = enable;
  control.reset_value = gates.reset_value;
  const int codes = m.codes({words.state, 1, {{words.state, 0}, {"Busy", 1}}});
  const Signal state = m.reg(words.net + "_q", 1, control, codes);
  m.drive(state, parity);
  const int memory = m.memory(
      words.memory,
      {.depth = 16, .width = 4, .contents = {1, 2, gates.word}, .collision = gates.collision});
  m.write(memory, enable, a.low(4), b.low(4));
  m.output("result_o", state);
  m.output("word_o", m.read(memory, words.memory + "_word", b.low(4)));
  EXPECT_EQ(find_defects(m), std::vector<std::string>());
  return structure_of(m);
}

TEST(Structure, NamesCommentsAndLabelsAreNotInIt) {
  const std::string plain = structure({}, {});
  const std::map<std::string, std::string Words::*> members = {
      {"module", &Words::module},     {"net", &Words::net},          {"state", &Words::state},
      {"table", &Words::table},       {"header", &Words::header},    {"section", &Words::section},
      {"scope", &Words::scope},       {"note", &Words::note},        {"memory", &Words::memory},
      {"instance", &Words::instance}, {"comment", &Words::parameter}};
  for (const auto& [name, member] : members) {
    Words words;
    words.*member = "other";
    EXPECT_EQ(structure(words, {}), plain) << name;
  }
  EXPECT_EQ(structure({}, {}, true), plain) << "a net that only names an expression";
}

TEST(Structure, EveryGateIsInIt) {
  std::set<std::string> seen = {structure({}, {})};
  const std::map<std::string, std::function<void(Gates&)>> changes = {
      {"width", [](Gates& g) { g.width = 5; }},
      {"reset value", [](Gates& g) { g.reset_value = 1; }},
      {"a word of a memory", [](Gates& g) { g.word = 8; }},
      {"a bit of a table", [](Gates& g) { g.bits ^= 1; }},
      {"range of a parameter", [](Gates& g) { g.least = 3; }},
      {"enable", [](Gates& g) { g.enable = false; }},
      {"an operation in an instance", [](Gates& g) { g.subtract = true; }},
      {"what is connected", [](Gates& g) { g.swapped = true; }},
      {"which output is read", [](Gates& g) { g.second = true; }},
      {"collisions", [](Gates& g) { g.collision = Collision::kAnything; }}};
  for (const auto& [name, change] : changes) {
    Gates gates;
    change(gates);
    EXPECT_TRUE(seen.insert(structure({}, gates)).second) << name;
  }
}

OperatorSpec spec_of(const OperatorRequest& request) { return make_operator_spec(request).value(); }

// Every planted mistake is another circuit, and none of those that can be planted in these designs
// may have the key of the design.
TEST(Structure, EveryPlantedMistakeIsAnotherOne) {
  std::size_t planted = 0;
  for (const OperatorRequest& request : std::vector<OperatorRequest>{
           {.op = "mul", .a = "e2m1", .b = "e2m1", .result = "e2m1"},
           {.op = "mac", .a = "e4m3fn", .b = "int4"},
           {.op = "dot", .a = "e2m1", .b = "e2m1", .lanes = 4, .latency = 2}}) {
    const OperatorSpec spec = spec_of(request);
    Module original(spec.module_name());
    ops::build(original, spec);
    const std::string plain = structure_of(original);
    for (const Mutation& mutation : mutations_of(original, 1)) {
      Module mutant(spec.module_name());
      ops::build(mutant, spec);
      apply(mutant, mutation);
      EXPECT_NE(structure_of(mutant), plain) << request.op << ": " << mutation.text;
      ++planted;
    }
    Module again(spec.module_name());
    ops::build(again, spec);
    EXPECT_EQ(structure_of(again), plain);
  }
  EXPECT_GT(planted, 100u);
}

TEST(Structure, OfRequestsDiffersWithTheCircuit) {
  std::set<std::string> seen;
  for (const char* arch : {"optimized", "generic"}) {
    for (const char* a : {"int4", "e2m1", "e4m3fn"}) {
      const OperatorSpec spec = spec_of({.op = "mac", .a = a, .b = a, .arch = arch});
      EXPECT_TRUE(seen.insert(structure_of(*ops::module_of(spec))).second) << arch << " " << a;
    }
  }
}

std::string of_text(const std::string& text) {
  return structure_of(std::vector<TextFile>{{"m.sv", text}});
}

constexpr char kText[] = R"(// A gate
module m (input logic a_i, input logic b_i, output logic y_o);
  assign y_o = a_i & b_i;  // the gate
endmodule : m
)";

TEST(Structure, OfTextIsWithoutCommentsSpacesAndNames) {
  for (const char* same :
       {"module m(input logic a_i,input logic b_i,output logic y_o); /* no\ncomment */ assign y_o "
        "= "
        "a_i & b_i; endmodule : m",
        "module other (input logic p, input logic q, output logic r); assign r = p & q; endmodule "
        ": other // m"}) {
    EXPECT_EQ(of_text(same), of_text(kText)) << same;
  }
}

TEST(Structure, OfTextHasEveryOtherWord) {
  std::set<std::string> seen = {of_text(kText)};
  const std::string text = kText;
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"a_i & b_i", "a_i | b_i"},
           {"= a_i & b_i", "= a_i & a_i"},
           {"& b_i", "&& b_i"},
           {"& b_i", "& b_i & 1'b1"},
           {"a_i &", "1'b0 &"},
           {"assign", "`ifdef SYNTHESIS assign"},
           {"assign y_o", "`ifdef OTHER assign y_o"},
           {"output logic y_o", "output logic [1:0] y_o"},
           {"  assign", "  initial $display(\"a_i // b\"); assign"}}) {
    std::string changed = text;
    const std::size_t at = changed.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    changed.replace(at, from.size(), to);
    EXPECT_TRUE(seen.insert(of_text(changed)).second) << changed;
  }
}

}  // namespace
}  // namespace fewbit::rtl
