// fewbit plan: a network folded onto a device, and what that would take.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "fewbit/cli/command.h"
#include "fewbit/cli/network_budget.h"
#include "fewbit/cli/network_input.h"
#include "fewbit/gen/util/text.h"
#include "fewbit/quant/hardware/folding.h"
#include "fewbit/quant/hardware/lowering.h"

namespace fewbit::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kImages = 4;  ///< that stand for calibration images
constexpr int kBramBits = 18 * 1024;
constexpr long long kMostRate = 1000000;
constexpr long long kMostMhz = 1000;

/// Images of every byte, for networks whose numbers do not matter yet.
Result<quant::Tensor> byte_images(const quant::GraphInput& input) {
  quant::Shape shape = input.shape;
  if (!shape.empty()) shape[0] = kImages;
  const bool is_known = shape.size() > 1 && std::all_of(shape.begin(), shape.end(),
                                                        [](std::int64_t n) { return n > 0; });
  if (!is_known || !quant::is_legal(shape)) {
    return Error{"NETWORK", quant::to_string(input.shape),
                 "an input whose extents are in the file, the number of images apart", ""};
  }
  quant::Tensor images = quant::float_tensor(shape);
  std::uint32_t byte = 0;
  for (float& value : images.floats()) {
    value = static_cast<float>(byte) / 255;
    byte = (byte + 37) % 256;
  }
  return images;
}

std::string place_of(const quant::MemoryPlan& memory) {
  if (memory.place == quant::Place::kWired) return "wired";
  if (memory.place == quant::Place::kLookupTables) {
    return fmt::format("LUTs, {} x {}", memory.depth, memory.width);
  }
  return fmt::format("{} EBR of {} x {}", memory.blocks.blocks(), memory.blocks.shape.depth,
                     memory.blocks.shape.width);
}

ordered_json memory_json(const quant::MemoryPlan& memory) {
  static constexpr const char* kPlaces[] = {"wired", "luts", "block_ram"};
  ordered_json json = {{"place", kPlaces[static_cast<int>(memory.place)]},
                       {"words", memory.depth},
                       {"bits", memory.width},
                       {"brams", memory.brams()}};
  if (memory.brams() > 0) {
    json["shape"] = {memory.blocks.shape.depth, memory.blocks.shape.width};
  }
  return json;
}

class PlanCommand : public Command {
 public:
  [[nodiscard]] std::string name() const override { return "plan"; }
  [[nodiscard]] std::string summary() const override {
    return "Fold a network (ONNX) onto a device: rows, lanes, memories, images a second";
  }
  void declare(CLI::App& app) override {
    app.add_option("NETWORK", network_, "ONNX file, of what docs/numerics.md covers");
    app.add_option("--target", target_, "ecp5-25f, ecp5-45f or ecp5-85f")->capture_default_str();
    app.add_option("--weights", weights_, "Format of weights");
    app.add_option("--activations", activations_,
                   "Format of activations; without a sign where nothing is negative");
    app.add_option("--edge-layers", edges_, "8bit or same: formats of the first and last layer")
        ->capture_default_str();
    app.add_option("--formats", formats_,
                   "File of lines WEIGHTS ACTIVATIONS LAYER: formats of layers by name");
    app.add_option("--images-per-second", rate_,
                   "The least folding of that rate; default: the fastest that fits");
    budget_.declare(app);
    app.add_option("--mhz", mhz_, "Clock that the rate is reckoned with")->capture_default_str();
    app.footer(
        "LUTs are an estimate: dot products, requantizers and conversions by rows that were\n"
        "measured, all else counted.\n\nExample:\n"
        "  fewbit plan quant/networks/resnet.onnx --weights e2m0f --activations e1m2f \\\n"
        "    --images-per-second 5000");
  }

  Result<ExitCode> run(const Console& console) override {
    FEWBIT_ASSIGN_OR_RETURN(whole, quant::find_plan_device(target_));
    FEWBIT_ASSIGN_OR_RETURN(device, budget_.applied(whole));
    FEWBIT_ASSIGN_OR_RETURN(mhz, parse_integer("--mhz", mhz_, 1, kMostMhz));
    FEWBIT_ASSIGN_OR_RETURN(pair, formats_of_layers(weights_, activations_, edges_));
    FEWBIT_ASSIGN_OR_RETURN(graph, read_byte_network(network_));
    FEWBIT_ASSIGN_OR_RETURN(network, quant::Network::make(std::move(graph)));
    FEWBIT_ASSIGN_OR_RETURN(options, with_formats_of_file(pair, formats_, network));
    FEWBIT_ASSIGN_OR_RETURN(images, byte_images(network.input()));
    FEWBIT_ASSIGN_OR_RETURN(arithmetic, quant::QuantizedArithmetic::make(network, images, options));
    FEWBIT_ASSIGN_OR_RETURN(lowered, quant::lower(network, arithmetic, images, {}));
    const quant::BlockCosts& costs = quant::BlockCosts::measured();
    FEWBIT_ASSIGN_OR_RETURN(pipeline, quant::pipeline_of(lowered, costs));
    FEWBIT_ASSIGN_OR_RETURN(plan, folded(pipeline, device, static_cast<double>(mhz) * 1e6, costs));
    FEWBIT_ASSIGN_OR_RETURN(limit, binding(pipeline, plan, device, costs));
    report(pipeline, plan, device, static_cast<double>(mhz) * 1e6, limit, console);
    return ExitCode::kOk;
  }

 private:
  [[nodiscard]] Result<quant::FoldingPlan> folded(const quant::Pipeline& pipeline,
                                                  const quant::Device& device, double hertz,
                                                  const quant::BlockCosts& costs) const {
    FEWBIT_ASSIGN_OR_RETURN(fastest, quant::fold_fastest(pipeline, device, costs));
    if (rate_.empty()) {
      if (fastest) return *fastest;
      if (budget_.is_given()) return budget_.too_small(pipeline, device, costs).error();
      FEWBIT_ASSIGN_OR_RETURN(slowest, quant::fold(pipeline, device, quant::kAnyCycles, costs));
      FEWBIT_ASSIGN_OR_RETURN(larger, larger_devices(pipeline, device, costs));
      return Error{
          "--target", device.name,
          larger.empty() ? "none: the network is too large for all of them"
                         : fmt::format("{}", fmt::join(larger, ", ")),
          fmt::format("{} at its slowest, and has {} bits of weights for {} of block RAM; "
                      "formats of fewer bits take less",
                      needs(*slowest, device), weight_bits(pipeline), device.brams * kBramBits)};
    }
    FEWBIT_ASSIGN_OR_RETURN(rate, parse_integer("--images-per-second", rate_, 1, kMostRate));
    const auto cycles = static_cast<std::int64_t>(hertz / static_cast<double>(rate));
    FEWBIT_ASSIGN_OR_RETURN(plan, quant::fold(pipeline, device, cycles, costs));
    if (plan && plan->fits(device)) return *plan;
    const std::string most =
        fastest ? fmt::format("at most {} on {}",
                              static_cast<long long>(hertz / static_cast<double>(fastest->cycles)),
                              device.name)
                : fmt::format("a larger target than {}", device.name);
    const std::string detail =
        plan ? needs(*plan, device)
             : fmt::format("a layer, or the bytes of the image, take more than {} cycles", cycles);
    return Error{"--images-per-second", rate_, most, detail};
  }

  static std::int64_t weight_bits(const quant::Pipeline& pipeline) {
    std::int64_t bits = 0;
    for (const quant::Engine& engine : pipeline.engines) {
      bits += engine.channels * engine.terms * engine.weight_bits;
    }
    return bits;
  }

  /// Targets on which the network fits at any rate.
  static Result<std::vector<std::string>> larger_devices(const quant::Pipeline& pipeline,
                                                         const quant::Device& device,
                                                         const quant::BlockCosts& costs) {
    std::vector<std::string> names;
    for (const quant::Device& other : quant::plan_devices()) {
      if (other.luts <= device.luts) continue;
      FEWBIT_ASSIGN_OR_RETURN(plan, quant::fold_fastest(pipeline, other, costs));
      if (plan) names.push_back(other.name);
    }
    return names;
  }

  /// What keeps the folding from being faster: the resources of which a tenth more would help.
  [[nodiscard]] Result<std::string> binding(const quant::Pipeline& pipeline,
                                            const quant::FoldingPlan& plan,
                                            const quant::Device& device,
                                            const quant::BlockCosts& costs) const {
    if (!rate_.empty()) return std::string("the rate that was asked for");
    std::vector<std::string> names;
    for (const auto& [resource, name] :
         {std::pair{&quant::Device::luts, "LUTs"}, std::pair{&quant::Device::brams, "EBR"},
          std::pair{&quant::Device::multipliers, "multipliers"}}) {
      quant::Device larger = device;
      larger.*resource += (device.*resource + 9) / 10;
      FEWBIT_ASSIGN_OR_RETURN(faster, quant::fold_fastest(pipeline, larger, costs));
      if (faster && faster->cycles < plan.cycles) names.emplace_back(name);
    }
    if (names.empty()) return std::string("no one resource alone");
    return fmt::format("{}", fmt::join(names, ", "));
  }

  void report(const quant::Pipeline& pipeline, const quant::FoldingPlan& plan,
              const quant::Device& device, double hertz, const std::string& limit,
              const Console& console) const {
    Table table({"layer", "C x K", "pixels", "rows", "lanes", "cycles", "weights in",
                 "requantizers", "EBR", "multipliers", "LUTs, about"});
    ordered_json engines = ordered_json::array(), parts = ordered_json::array();
    for (std::size_t i = 0; i < plan.engines.size(); ++i) {
      const quant::Engine& engine = pipeline.engines[i];
      const quant::EngineFolding& own = plan.engines[i];
      table.add({engine.name, fmt::format("{} x {}", engine.channels, engine.terms),
                 std::to_string(engine.pixels), std::to_string(own.rows), std::to_string(own.lanes),
                 std::to_string(own.cycles), place_of(own.weights),
                 std::to_string(own.requantizers), std::to_string(own.brams),
                 std::to_string(own.multipliers), fmt::format("{:.0f}", own.luts())});
      engines.push_back({{"name", engine.name},
                         {"weights_format", engine.weights},
                         {"activations_format", engine.activations},
                         {"channels", engine.channels},
                         {"terms", engine.terms},
                         {"pixels", engine.pixels},
                         {"depthwise", engine.is_depthwise},
                         {"sum_bits", engine.sum_bits},
                         {"rows", own.rows},
                         {"lanes", own.lanes},
                         {"cycles", own.cycles},
                         {"weights", memory_json(own.weights)},
                         {"parameters", memory_json(own.parameters)},
                         {"operands", memory_json(own.operands)},
                         {"requantizers", own.requantizers},
                         {"brams", own.brams},
                         {"multipliers", own.multipliers},
                         {"luts_dots", own.dot_luts},
                         {"luts_dots_by", quant::BlockCosts::measured().dot_commands(
                                              engine.weights, engine.activations)},
                         {"luts_requantizers", own.requantizer_luts},
                         {"luts_counted", own.other_luts}});
    }
    for (std::size_t i = 0; i < plan.parts.size(); ++i) {
      const quant::Part& part = pipeline.parts[i];
      const quant::PartFolding& own = plan.parts[i];
      const auto units = std::max<std::int64_t>(1, own.units);
      table.add({fmt::format("{} ({})", part.name, part.what), "", std::to_string(part.values),
                 std::to_string(own.units), "", std::to_string((part.values + units - 1) / units),
                 place_of(own.held), "", std::to_string(own.brams), std::to_string(own.multipliers),
                 fmt::format("{:.0f}", own.luts)});
      parts.push_back({{"name", part.name},
                       {"what", part.what},
                       {"values", part.values},
                       {"units", own.units},
                       {"held", memory_json(own.held)},
                       {"brams", own.brams},
                       {"multipliers", own.multipliers},
                       {"luts", own.luts}});
    }
    const double rate = hertz / static_cast<double>(plan.cycles);
    console.print(table.to_text());
    console.print(fmt::format(
        "\n{}: about {:.0f} of {} LUTs, {} of {} EBR, {} of {} multipliers\n"
        "{} cycles an image, {:.0f} images/s at {:.0f} MHz; what binds: {}\n"
        "LUTs are an estimate: dot products, requantizers and conversions by measured rows, all "
        "else counted.\n",
        device.name, plan.used.luts, device.luts, plan.used.brams, device.brams,
        plan.used.multipliers, device.multipliers, plan.cycles, rate, hertz / 1e6, limit));
    console.document(
        {{"network", network_},
         {"target", device.name},
         {"weights", weights_},
         {"activations", activations_},
         {"luts_are_an_estimate", true},
         {"cycles", plan.cycles},
         {"mhz", hertz / 1e6},
         {"images_per_second", rate},
         {"binding", limit},
         {"luts", plan.used.luts},
         {"brams", plan.used.brams},
         {"multipliers", plan.used.multipliers},
         {"device",
          {{"luts", device.luts}, {"brams", device.brams}, {"multipliers", device.multipliers}}},
         {"layers", engines},
         {"parts", parts}});
  }

  std::string network_;
  std::string target_ = "ecp5-25f";
  std::string weights_, activations_;
  std::string edges_ = "8bit", formats_;
  BudgetWords budget_;
  std::string rate_;
  std::string mhz_ = "120";
};

}  // namespace

std::unique_ptr<Command> make_plan_command() { return std::make_unique<PlanCommand>(); }

}  // namespace fewbit::cli
