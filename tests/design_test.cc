// Designs: modules in modules, each a file of its own, checked at their ports, and evaluated.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/rtl/design.h"

#include <gmock/gmock.h>

#include <functional>
#include <set>

#include "fewbit/gen/rtl/evaluator.h"
#include "fewbit/gen/rtl/instance.h"
#include "fewbit/gen/rtl/mutate.h"
#include "fewbit/gen/rtl/passes.h"

namespace fewbit::rtl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using ModulePtr = std::shared_ptr<Module>;

/// sum_o = a_i + b_i + carry_i.
ModulePtr adder(int bits) {
  auto m = std::make_shared<Module>("adder");
  const Signal a = m->input("a_i", bits);
  const Signal b = m->input("b_i", bits);
  const Signal carry = m->input("carry_i", 1);
  m->output("sum_o", m->net("sum", add_with_carry(a, b, carry)));
  return m;
}

/// sum_q <= sum_q + x_i + 1 where enable_i; and that sum itself.
ModulePtr running_sum() {
  auto m = std::make_shared<Module>("running_sum");
  m->clocked(Reset::kSyncHigh);
  const Signal enable = m->input("enable_i", 1);
  const Signal x = m->input("x_i", 8);
  const auto part = adder(8);
  const Signal sum_q = m->reg("sum_q", 8, {.enable = enable, .reset_value = 5});
  const Signal next = m->instance(
      part, "u_adder", {{"a_i", sum_q}, {"b_i", x}, {"carry_i", m->constant(1, 1)}})["sum_o"];
  m->drive(sum_q, next);
  m->output("next_o", next);
  m->output("sum_o", sum_q);
  return m;
}

/// Two of them, the second of which sums what the first one is about to hold.
void sums_of_sums(Module& m) {
  m.clocked(Reset::kSyncHigh);
  const ModulePtr part = running_sum();
  const Signal x = m.input("x_i", 8);
  const Signal enable = m.input("enable_i", 1);
  const InstanceOutputs first = m.instance(part, "u_first", {{"enable_i", enable}, {"x_i", x}});
  const InstanceOutputs second =
      m.instance(part, "u_second", {{"enable_i", m.constant(1, 1)}, {"x_i", first["next_o"]}});
  m.output("first_o", first["sum_o"]);
  m.output("second_o", second["sum_o"]);
  m.output("next_o", second["next_o"]);
}

TEST(Design, EveryModuleIsOneFileAfterThoseThatItInstances) {
  Module top("top");
  sums_of_sums(top);
  Design design(top);
  EXPECT_THAT(design.defects(), IsEmpty());
  std::vector<std::string> names;
  for (const TextFile& file : design.files()) names.push_back(file.name);
  EXPECT_THAT(names, ElementsAre("adder.sv", "running_sum.sv", "top.sv"));
  EXPECT_THAT(design.files()[2].text, HasSubstr(R"(
  running_sum u_first (
    .clk_i(clk_i),
    .rst_i(rst_i),
    .enable_i(enable_i),
    .x_i(x_i),
    .next_o(first_next),
    .sum_o(first_sum)
  );)"));
  EXPECT_THAT(design.files()[1].text, HasSubstr("sum_q <= 8'b00000101;"));
  Module again("top");
  sums_of_sums(again);
  EXPECT_EQ(Design(again).files()[2].text, design.files()[2].text);
}

TEST(Design, InstancesHaveRegistersOfTheirOwn) {
  Module top("top");
  sums_of_sums(top);
  Evaluator run(top);
  int first = 5;
  int second = 5;
  run.set("rst_i", 0);
  for (int cycle = 0; cycle < 300; ++cycle) {
    const int x = (cycle * 37 + 11) % 256;
    const bool enable = cycle % 3 != 1;
    const bool reset = cycle == 200;
    run.set("x_i", x);
    run.set("enable_i", enable ? 1 : 0);
    run.set("rst_i", reset ? 1 : 0);
    run.settle();
    ASSERT_EQ(run.get("first_o"), first);
    ASSERT_EQ(run.get("second_o"), second);
    ASSERT_EQ(run.get("next_o"), (second + first + x + 2) % 256);
    run.clock();
    second = reset ? 5 : (second + first + x + 2) % 256;
    if (enable) first = (first + x + 1) % 256;
    if (reset) first = 5;
  }
}

/// x_i -> u_up -> u_down -> y_o, and a word back: each reads an output of the other.
TEST(Design, InstancesMayFeedEachOther) {
  auto part = std::make_shared<Module>("both_ways");
  part->output("forth_o", part->net("forth", ~part->input("forth_i", 4)));
  part->output("back_o", part->net("back", part->input("back_i", 4) + part->constant(4, 3)));
  EXPECT_THAT(combinational_inputs(*part),
              ElementsAre(ElementsAre(std::size_t{0}), ElementsAre(std::size_t{1})));
  Module m("loop");
  const Signal back = m.wire("back", 4);
  const auto up = m.instance(part, "u_up", {{"forth_i", m.input("x_i", 4)}, {"back_i", back}});
  const auto down =
      m.instance(part, "u_down", {{"forth_i", up["forth_o"]}, {"back_i", m.input("z_i", 4)}});
  m.drive(back, down["back_o"]);
  m.output("y_o", down["forth_o"]);
  m.output("r_o", up["back_o"]);
  EXPECT_THAT(Design(m).defects(), IsEmpty());
  const std::string text = Design(m).files()[1].text;
  EXPECT_LT(text.find("wire [3:0] back;"), text.find(".back_i(back)"));
  EXPECT_THAT(text, HasSubstr("assign back = down_back;"));
  Evaluator run(m);
  run.set("x_i", 6);
  run.set("z_i", 9);
  run.settle();
  EXPECT_EQ(run.get("y_o"), 6);
  EXPECT_EQ(run.get("r_o"), (9 + 6) % 16);
}

TEST(Design, ALoopThroughInstancesIsADefect) {
  const ModulePtr part = adder(4);
  Module m("loop");
  const Signal back = m.wire("back", 4);
  const Signal sum = m.instance(
      part, "u_a",
      {{"a_i", back}, {"b_i", m.input("x_i", 4)}, {"carry_i", m.constant(1, 0)}})["sum_o"];
  m.drive(back, m.net("masked", sum & m.input("mask_i", 4)));
  m.output("y_o", sum);
  EXPECT_THAT(Design(m).defects(), ElementsAre(HasSubstr("a combinational loop")));
}

/// The defects of an instance of adder(8) with these inputs.
std::vector<std::string> defects_of(
    const std::function<std::vector<std::pair<std::string, Signal>>(Module&)>& inputs,
    const std::vector<Argument>& arguments = {}) {
  Module m("top");
  m.output("y_o", m.instance(adder(8), "u_a", inputs(m), arguments)["sum_o"]);
  return find_defects(m);
}

TEST(Design, ConnectionsThatDoNotFitAreDefects) {
  using Inputs = std::vector<std::pair<std::string, Signal>>;
  const auto good = [](Module& m) -> Inputs {
    return {{"a_i", m.input("x_i", 8)}, {"b_i", m.constant(8, 1)}, {"carry_i", m.constant(1, 1)}};
  };
  EXPECT_THAT(defects_of(good), IsEmpty());
  EXPECT_THAT(defects_of([&](Module& m) {
                Inputs inputs = good(m);
                inputs[1].second = m.input("narrow_i", 7);
                return inputs;
              }),
              ElementsAre("instance u_a of adder: input b_i has 8 bits and is given 7 bits"));
  EXPECT_THAT(defects_of([&](Module& m) {
                Inputs inputs = good(m);
                inputs.pop_back();
                return inputs;
              }),
              ElementsAre("instance u_a of adder: input carry_i is not connected"));
  EXPECT_THAT(defects_of([&](Module& m) {
                Inputs inputs = good(m);
                inputs.emplace_back("d_i", m.constant(1, 0));
                inputs.push_back(inputs[0]);
                return inputs;
              }),
              ElementsAre("instance u_a of adder: no input d_i",
                          "instance u_a of adder: input a_i is connected twice"));
  EXPECT_THAT(defects_of(good, {{.name = "Width", .value = 8}}),
              ElementsAre("instance u_a of adder: no parameter Width"));
  Module other("other");  // a clock that is not the clock, and a reset of another kind
  other.clocked(Reset::kAsyncLow);
  const auto sums = other.instance(running_sum(), "u_s",
                                   {{"clk_i", other.reset_signal()},
                                    {"enable_i", other.constant(1, 1)},
                                    {"x_i", other.constant(8, 1)}});
  other.output("y_o", sums["sum_o"]);
  EXPECT_THAT(find_defects(other),
              ElementsAre("instance u_s of running_sum: clk_i is not the clock",
                          "instance u_s of running_sum: input rst_i is not connected"));
}

/// y_o = x_i + 1 in Width bits, 2 to 20 of them.
ModulePtr wide_increment() {
  auto m = std::make_shared<Module>("increment");
  m->clocked(Reset::kNone);
  const int width = m->parameter({"Width", 4, "Bits of the number", 2, 20});
  const Signal q = m->reg("number_q", Width(4, width), {.reset = false});
  const Signal one = zero_extend(m->constant(1, 1), Width(4, width));
  m->drive(q, m->net("next", q + one));
  m->output("y_o", q);
  return m;
}

TEST(Design, ParametersAreNumbersOrThoseOfTheParent) {
  Module top("top");
  top.clocked(Reset::kNone);
  const int bits = top.parameter({"Bits", 6, "", 3, 20});
  const auto fixed = top.instance(wide_increment(), "u_fixed", {}, {{.name = "Width", .value = 3}});
  const auto open =
      top.instance(wide_increment(), "u_open", {}, {{.name = "Width", .parameter = bits}});
  top.output("fixed_o", fixed["y_o"]);
  top.output("open_o", open["y_o"]);
  EXPECT_EQ(fixed["y_o"].width(), 3);
  EXPECT_EQ(open["y_o"].full_width(), Width(6, bits));
  Design design(top);
  EXPECT_THAT(design.defects(), IsEmpty());
  EXPECT_THAT(design.files()[1].text,
              HasSubstr("  increment #(\n    .Width(32'sd3)\n  ) u_fixed (\n"));
  EXPECT_THAT(design.files()[1].text, HasSubstr("    .Width(Bits)\n"));
  for (const int override : {6, 9}) {
    Evaluator run(top, {{"Bits", override}});
    for (int cycle = 0; cycle < 600; ++cycle) {
      ASSERT_EQ(run.get("fixed_o"), cycle % 8);
      ASSERT_EQ(run.get("open_o"), cycle % (1 << override));
      run.clock();
    }
  }
}

TEST(Design, ParametersOutOfRangeAreDefects) {
  Module top("top");
  top.clocked(Reset::kNone);
  const int bits = top.parameter({"Bits", 6, "", 1, 20});
  const ModulePtr part = wide_increment();
  const auto fixed = top.instance(part, "u_fixed", {}, {{.name = "Width", .value = 21}});
  const auto open = top.instance(part, "u_open", {}, {{.name = "Width", .parameter = bits}});
  top.output("fixed_o", fixed["y_o"]);
  top.output("open_o", open["y_o"]);
  EXPECT_THAT(
      find_defects(top),
      ElementsAre(
          "instance u_fixed of increment: parameter Width may be 2 to 20 and is given 21",
          "instance u_open of increment: parameter Width may be 2 to 20 and is given 1 to 20"));
}

TEST(Design, OneNameIsOneText) {
  for (const int bits : {8, 9}) {
    Module top("top");
    const auto instance = [&](int width, const std::string& name) {
      return top.instance(adder(width), name,
                          {{"a_i", top.constant(width, 1)},
                           {"b_i", top.input(name + "_i", width)},
                           {"carry_i", top.constant(1, 0)}})["sum_o"];
    };
    top.output("x_o", instance(8, "x"));
    top.output("y_o", instance(bits, "y"));
    Design design(top);
    if (bits == 8) {
      EXPECT_EQ(design.files().size(), 2U);
    } else {
      EXPECT_THAT(design.defects(), ElementsAre("adder.sv has two texts"));
    }
  }
}

TEST(Design, InstancesWhoseOutputsNobodyReadsAreNotThere) {
  Module top("top");
  const Signal x = top.input("x_i", 4);
  const auto unread =
      top.instance(adder(4), "u_a", {{"a_i", x}, {"b_i", x}, {"carry_i", top.constant(1, 0)}});
  top.output("y_o", x);
  EXPECT_EQ(unread["sum_o"].width(), 4);
  EXPECT_EQ(Design(top).files().size(), 1U);
  EXPECT_THAT(Design(top).files()[0].text, Not(HasSubstr("u_a")));
}

TEST(Design, ModulesThatAreTextComeBeforeWhoInstancesThem) {
  auto box = std::make_shared<Module>("box");
  box->external({{"leaf.sv", "module leaf"}, {"box.sv", "module box"}});
  box->input("a_i", 3);
  box->output_port("y_o", 5);
  Module top("top");
  const auto made = top.instance(box, "u_box", {{"a_i", top.input("x_i", 3)}},
                                 {{.name = "Kind", .literal = "1'b1"}}, {{"y_o", "answer"}});
  top.output("y_o", made["y_o"]);
  Design design(top);
  EXPECT_THAT(design.defects(), IsEmpty());
  const std::vector<TextFile> files = design.files();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].name, "leaf.sv");
  EXPECT_EQ(files[1].name, "box.sv");
  EXPECT_THAT(files[2].text, HasSubstr("  box #(\n    .Kind(1'b1)\n  ) u_box (\n"
                                       "    .a_i(x_i),\n    .y_o(answer)\n  );"));
}

TEST(Design, AVariantHasNamesOfItsOwn) {
  Module top("top");
  sums_of_sums(top);
  top.instances()[0].module->rename_module("top_sum");
  Design design(top);
  design.rename("other");
  std::vector<std::string> names;
  for (const TextFile& file : design.files()) names.push_back(file.name);
  EXPECT_THAT(names, ElementsAre("other_adder.sv", "other_sum.sv", "other.sv"));
}

TEST(Design, TheSignatureHasThePortsAndTheFiles) {
  Module top("top");
  sums_of_sums(top);
  const EmittedDesign design = Design(top).emit({{"enable_i", PortRole::kValid}});
  EXPECT_EQ(design.signature.module, "top");
  EXPECT_EQ(design.signature.reset, "sync_high");
  EXPECT_EQ(design.signature.find(PortRole::kClock)->name, "clk_i");
  EXPECT_EQ(design.signature.find(PortRole::kValid)->name, "enable_i");
  EXPECT_EQ(design.signature.find(PortRole::kOperand)->name, "x_i");
  EXPECT_EQ(design.signature.find("second_o")->width_bits, 8);
  ASSERT_EQ(design.signature.files.size(), 3U);
  EXPECT_EQ(design.signature.files[0].sha256, sha256(design.files[0].text));
}

TEST(Design, MistakesArePlantedInsideInstances) {
  Module original("top");
  sums_of_sums(original);
  const std::vector<Mutation> mutations = mutations_of(original, 1);
  std::set<std::string> modules;
  int changed = 0;
  for (const Mutation& mutation : mutations) {
    modules.insert(mutation.module);
    Module mutant("top");
    sums_of_sums(mutant);
    apply(mutant, mutation);
    EXPECT_THAT(Design(mutant).defects(), IsEmpty()) << mutation.text;
    Module right("top");
    sums_of_sums(right);
    Evaluator got(mutant);
    Evaluator expected(right);
    bool differs = false;
    for (int cycle = 0; cycle < 40; ++cycle) {
      for (Evaluator* run : {&got, &expected}) {
        run->set("x_i", (cycle * 37 + 11) % 256);
        run->set("enable_i", cycle % 3 == 0 ? 1 : 0);
        run->set("rst_i", cycle == 20 ? 1 : 0);
        run->clock();
      }
      differs = differs || got.get("second_o") != expected.get("second_o") ||
                got.get("first_o") != expected.get("first_o");
    }
    EXPECT_TRUE(differs) << mutation.text;
    changed += differs ? 1 : 0;
  }
  EXPECT_THAT(modules, ElementsAre("", "adder", "running_sum"));
  EXPECT_GE(changed, 7);
}

}  // namespace
}  // namespace fewbit::rtl
