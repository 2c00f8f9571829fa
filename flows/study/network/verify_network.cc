// Verification of an accelerator: see verify_network.h.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/flows/study/network/verify_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fewbit/flows/study/network/parameters.h"
#include "fewbit/flows/study/network/simulation.h"
#include "fewbit/gen/util/interrupt.h"
#include "fewbit/sim/model/exact.h"

namespace fewbit::study {

using quant::LoweredNode;

namespace {

constexpr std::int64_t kBatch = 16;
constexpr std::uint64_t kCyclesBetweenChecks = 4096;
constexpr std::uint64_t kPatience = 20000;  ///< and three times what the slowest block needs
constexpr int kResetCycles = 3;
constexpr int kMostNamed = 6;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// Codes of an image's numbers at one node, in the order of the stream.
using Codes = std::vector<std::uint32_t>;

/// What every node makes of each image.
class Expected {
 public:
  static Result<Expected> make(const quant::LoweredNetwork& network,
                               const std::vector<Layout>& layouts, const quant::Tensor& images) {
    Expected made(network);
    const std::int64_t count = images.shape[0];
    for (std::int64_t first = 0; first < count; first += kBatch) {
      const std::int64_t own = std::min(kBatch, count - first);
      std::vector<std::vector<Codes>> batch(at(own), std::vector<Codes>(network.nodes.size()));
      quant::Saturations saturations(network.nodes.size(), 0);
      const auto observe = [&](std::size_t node, std::span<const float> values) {
        const Layout& layout = layouts[node];
        for (std::int64_t i = 0; i < own; ++i) {
          Codes& codes = batch[at(i)][node];
          for (int k = 0; k < layout.values(); ++k) {
            codes.push_back(
                made.code(node, values[at(i * layout.values() + element_of(layout, k))]));
          }
        }
      };
      FEWBIT_ASSIGN_OR_RETURN(
          logits, network.run(slice_batch(images, at(first), at(own)), saturations, observe));
      static_cast<void>(logits);
      made.images_.insert(made.images_.end(), batch.begin(), batch.end());
    }
    return made;
  }

  [[nodiscard]] std::size_t images() const { return images_.size(); }
  [[nodiscard]] const Codes& of(std::size_t image, std::size_t node) const {
    return images_[image][node];
  }
  /// The number of a code: in the format's least steps, or of the stream.
  [[nodiscard]] double number(std::size_t place, std::uint32_t code) const {
    const LoweredNode& node = network_->nodes[place];
    const model::Datum datum = model::decode(format_of(node), BigInt(code));
    const int unit = node.kind == quant::IntegerKind::kCodes ? node.grid->unit_exponent() : 0;
    return std::ldexp(datum.value.significand.convert_to<double>(), datum.value.exponent - unit);
  }

 private:
  explicit Expected(const quant::LoweredNetwork& network) : network_(&network) {}
  [[nodiscard]] std::uint32_t code(std::size_t place, float value) const {
    const LoweredNode& node = network_->nodes[place];
    if (node.kind == quant::IntegerKind::kCodes) {
      return static_cast<std::uint32_t>(node.grid->code_of(static_cast<double>(value)));
    }
    const auto integer = static_cast<std::int64_t>(value);
    return static_cast<std::uint32_t>(integer & ((std::int64_t{1} << node.bits) - 1));
  }

  const quant::LoweredNetwork* network_;
  std::vector<std::vector<Codes>> images_;
};

/// 64 random bits a step (splitmix64).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30U) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27U) * 0x94d049bb133111ebU;
    return z ^ z >> 31U;
  }

 private:
  std::uint64_t state_;
};

/// When one stream is held back.
class Stalls {
 public:
  Stalls(std::uint64_t seed, bool any) : random_(seed) {
    static constexpr std::uint64_t kThirty = 77, kNinety = 230;  // of 256
    const std::uint64_t kind = random_.next() % 4;
    if (!any || kind == 0) return;
    bursts_ = kind == 3;
    of_256_ = kind == 1 ? kThirty : kNinety;
  }
  bool next() {
    if (bursts_) {
      if (left_-- > 0) return stalls_;
      left_ = static_cast<int>(random_.next() % 64);
      stalls_ = !stalls_;
      return stalls_;
    }
    return of_256_ > 0 && random_.next() % 256 < of_256_;
  }

 private:
  Random random_;
  std::uint64_t of_256_ = 0;
  bool bursts_ = false, stalls_ = false;
  int left_ = 0;
};

/// One run of images through one simulation.
class Run {
 public:
  Run(NetworkSimulation& simulation, const Accelerator& accelerator, bool is_observed,
      const quant::LoweredNetwork& network, const std::vector<Layout>& layouts,
      const Expected& expected, bool sends_class, NetworkReport& report)
      : simulation_(simulation),
        accelerator_(accelerator),
        network_(network),
        layouts_(layouts),
        expected_(expected),
        sends_class_(sends_class),
        report_(report) {
    if (is_observed) streams_ = accelerator.streams;
    moved_.resize(streams_.size(), 0);
  }

  /// False where something differs, which the report then says.
  Result<bool> operator()(std::size_t images, std::uint64_t seed, bool stalls) {
    images_ = std::min(images, expected_.images());
    const std::uint64_t patience =
        kPatience + 3 * static_cast<std::uint64_t>(accelerator_.slowest().cycles);
    Random random(seed);
    Stalls input(random.next(), stalls), output(random.next(), stalls);
    std::vector<Stalls> gates;
    for (std::size_t k = 0; k < streams_.size(); ++k) gates.emplace_back(random.next(), stalls);
    reset();
    const auto all_bytes = images_ * at(layouts_[0].values());
    bool offers = false;
    while (done_ < images_) {
      if (cycle_ % kCyclesBetweenChecks == 0 && interrupted()) {
        return Error{"simulation", "verify", "a run to its end", "interrupted", Cause::kMachine};
      }
      offers = bytes_ < all_bytes && (offers || !input.next());
      simulation_.set_input(offers, offers ? byte() : 0);
      const bool takes = !output.next();
      simulation_.set_ready(takes);
      for (std::size_t k = 0; k < gates.size(); ++k) simulation_.set_stall(k, gates[k].next());
      simulation_.settle();
      if (!check_taps()) return false;
      if (offers && simulation_.takes_input()) {
        if (bytes_ % at(layouts_[0].values()) == 0 && bytes_ == 0) first_byte_ = cycle_;
        ++bytes_;
        offers = false;
        quiet_ = 0;
      }
      if (takes && simulation_.has_result() && !check_result()) return false;
      simulation_.clock();
      ++cycle_;
      if (++quiet_ > patience) {
        report_.failure = fmt::format("nothing moves any more after {} images and {} bytes: {}",
                                      done_, bytes_, waiting());
        return false;
      }
    }
    report_.cycles += cycle_;
    report_.images += images_;
    return true;
  }

  /// Cycles at which the last results of images left.
  [[nodiscard]] const std::vector<std::uint64_t>& ends() const { return ends_; }
  [[nodiscard]] std::uint64_t first_byte() const { return first_byte_; }

 private:
  void reset() {
    simulation_.set_input(false, 0);
    simulation_.set_ready(false);
    simulation_.set_reset(true);
    for (int k = 0; k < kResetCycles; ++k) {
      simulation_.settle();
      simulation_.clock();
    }
    simulation_.set_reset(false);
  }
  [[nodiscard]] std::uint8_t byte() const {
    const std::size_t values = at(layouts_[0].values());
    return static_cast<std::uint8_t>(expected_.of(bytes_ / values, 0)[bytes_ % values]);
  }

  bool check_taps() {
    for (std::size_t k = 0; k < streams_.size(); ++k) {
      if (!simulation_.is_valid(k) || !simulation_.is_ready(k)) continue;
      quiet_ = 0;
      const StreamPlace& stream = streams_[k];
      if (!stream.node) continue;
      const std::size_t beats = at((stream.values + stream.lanes - 1) / stream.lanes);
      const std::size_t first =
          moved_[k] / beats * at(stream.values) + moved_[k] % beats * at(stream.lanes);
      const std::size_t end = (moved_[k] / beats + 1) * at(stream.values);
      ++moved_[k];
      for (int lane = 0; lane < stream.lanes && first + at(lane) < end; ++lane) {
        const std::uint32_t got = simulation_.value(k, lane);
        if (!check(stream.name, *stream.node, first + at(lane), got)) return false;
      }
    }
    return true;
  }

  bool check_result() {
    quiet_ = 0;
    const std::size_t values = sends_class_ ? 1 : at(layouts_[network_.output].values());
    const std::size_t image = results_ / values;
    const bool is_last = results_ % values + 1 == values;
    std::uint64_t got = simulation_.result();
    if (sends_class_) {
      const std::size_t largest = class_of(image);
      ++report_.values;
      if (got != largest) {
        report_.failure =
            fmt::format("m_axis: image {}: class {}, and the network says {}", image, got, largest);
        return false;
      }
    } else {
      const int bits = network_.nodes[network_.output].bits;
      const int padded = (bits + 7) / 8 * 8;
      const std::uint64_t sign = got >> (bits - 1) & 1;
      for (int b = bits; b < padded; ++b) {
        if ((got >> b & 1) != sign) {
          report_.failure = fmt::format("m_axis: image {}: bit {} is not the sign", image, b);
          return false;
        }
      }
      got &= (std::uint64_t{1} << bits) - 1;
      if (!check("m_axis", network_.output, results_, static_cast<std::uint32_t>(got)))
        return false;
    }
    if (simulation_.is_last() != is_last) {
      report_.failure = fmt::format("m_axis: image {}: tlast {} with result {} of {}", image,
                                    simulation_.is_last() ? 1 : 0, results_ % values + 1, values);
      return false;
    }
    ++results_;
    if (is_last) {
      ++done_;
      ends_.push_back(cycle_);
    }
    return true;
  }

  [[nodiscard]] std::size_t class_of(std::size_t image) const {
    const Codes& codes = expected_.of(image, network_.output);
    std::size_t best = 0;
    for (std::size_t k = 1; k < codes.size(); ++k) {
      const auto number = [&](std::size_t i) {
        return expected_.number(network_.output, codes[i]);
      };
      if (number(k) > number(best)) best = k;
    }
    return best;
  }

  /// Number `place` of all images that a node's stream has had.
  bool check(const std::string& stream, std::size_t node, std::size_t place, std::uint32_t got) {
    const Layout& layout = layouts_[node];
    const std::size_t image = place / at(layout.values());
    const std::size_t own = place % at(layout.values());
    if (image >= images_) {
      report_.failure = fmt::format("{}: more numbers than those of {} images", stream, images_);
      return false;
    }
    const std::uint32_t want = expected_.of(image, node)[own];
    ++report_.values;
    if (got == want) return true;
    const double number = expected_.number(node, got), wanted = expected_.number(node, want);
    if (number == wanted) return true;  // -0
    const std::size_t pixel = own / at(layout.channels);
    report_.failure = fmt::format(
        "layer {}, stream {}: image {}, row {}, column {}, channel {}: {} (code {:#x}), and the "
        "network says {} (code {:#x})",
        network_.nodes[node].name, stream, image, pixel / at(layout.width),
        pixel % at(layout.width), own % at(layout.channels), number, got, wanted, want);
    return false;
  }

  [[nodiscard]] std::string waiting() const {
    if (streams_.empty()) return simulation_.has_result() ? "m_axis waits" : "no result comes";
    std::string names;
    int count = 0;
    for (std::size_t k = 0; k < streams_.size(); ++k) {
      if (!simulation_.is_valid(k) || simulation_.is_ready(k) || count == kMostNamed) continue;
      names += fmt::format("{}{}", names.empty() ? "" : ", ", streams_[k].name);
      ++count;
    }
    return names.empty() ? "no stream has a beat" : "not taken: " + names;
  }

  NetworkSimulation& simulation_;
  const Accelerator& accelerator_;
  const quant::LoweredNetwork& network_;
  const std::vector<Layout>& layouts_;
  const Expected& expected_;
  bool sends_class_;
  NetworkReport& report_;
  std::vector<StreamPlace> streams_;
  std::vector<std::size_t> moved_;
  std::vector<std::uint64_t> ends_;
  std::size_t images_ = 0, done_ = 0, bytes_ = 0, results_ = 0;
  std::uint64_t cycle_ = 0, quiet_ = 0, first_byte_ = 0;
};

}  // namespace

struct NetworkBench::Numbers {
  const quant::LoweredNetwork* network = nullptr;
  std::vector<Layout> layouts;
  Expected expected;
};

NetworkBench::NetworkBench(std::unique_ptr<Numbers> numbers) : numbers_(std::move(numbers)) {}
NetworkBench::~NetworkBench() = default;
NetworkBench::NetworkBench(NetworkBench&&) noexcept = default;

Result<NetworkBench> NetworkBench::make(const quant::LoweredNetwork& network,
                                        const quant::Tensor& images) {
  FEWBIT_ASSIGN_OR_RETURN(layouts, layouts_of(network));
  FEWBIT_ASSIGN_OR_RETURN(expected, Expected::make(network, layouts, images));
  return NetworkBench(
      std::make_unique<Numbers>(Numbers{&network, std::move(layouts), std::move(expected)}));
}

Result<bool> NetworkBench::run(const rtl::EmittedDesign& design, const Accelerator& accelerator,
                               bool is_observed, const NetworkVerifyOptions& options,
                               NetworkReport& report) const {
  const auto step = [&](const std::string& text) {
    if (options.progress) options.progress(text);
  };
  const Expected& expected = numbers_->expected;
  FEWBIT_ASSIGN_OR_RETURN(runtime, verify::verilator_runtime());
  step("Verilator: " + design.signature.module);
  FEWBIT_ASSIGN_OR_RETURN(
      simulation,
      NetworkSimulation::build(design, accelerator.result_bits,
                               is_observed ? accelerator.streams : std::vector<StreamPlace>(),
                               runtime, options.seed));
  for (int run = 0; run <= options.stalled_runs; ++run) {
    const std::size_t count = run == 0 ? expected.images() : at(options.stalled_images);
    step(fmt::format("{} images, {}{}", count, is_observed ? "every stream" : "ports",
                     run == 0 ? " without stalls" : " with stalls"));
    Run one(*simulation, accelerator, is_observed, *numbers_->network, numbers_->layouts, expected,
            accelerator.sends_class, report);
    FEWBIT_ASSIGN_OR_RETURN(same,
                            one(count, options.seed + static_cast<std::uint64_t>(run), run > 0));
    if (!same) return false;
    if (run > 0) continue;
    report.latency_cycles = one.ends().front() - one.first_byte() + 1;
    const std::size_t ends = one.ends().size();
    if (ends < 2) continue;
    // The first image meets empty buffers.
    const std::size_t from = ends > 2 ? 1 : 0;
    report.cycles_per_image = static_cast<double>(one.ends().back() - one.ends()[from]) /
                              static_cast<double>(ends - 1 - from);
  }
  return true;
}

Result<NetworkReport> verify_network(const quant::LoweredNetwork& network,
                                     AcceleratorRequest request, const quant::Tensor& images,
                                     const NetworkVerifyOptions& options) {
  NetworkReport report;
  FEWBIT_ASSIGN_OR_RETURN(bench, NetworkBench::make(network, images));
  for (const bool is_observed : {true, false}) {  // the first names layers
    request.is_observed = is_observed;
    FEWBIT_ASSIGN_OR_RETURN(accelerator, build_accelerator(network, request));
    FEWBIT_ASSIGN_OR_RETURN(
        same, bench.run(accelerator.emit(), accelerator, is_observed, options, report));
    if (!same) return report;
    for (const StreamPlace& stream : accelerator.streams) {
      if (is_observed && stream.node) report.streams.push_back(stream.name);
    }
  }
  report.passed = true;
  return report;
}

}  // namespace fewbit::study
