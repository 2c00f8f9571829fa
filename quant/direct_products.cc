// oneDNN's primitives, kept for the shapes and weights that come again.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/quant/direct_products.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <dnnl.hpp>
#include <map>
#include <optional>
#include <string>

namespace fewbit::quant {
namespace {

using dnnl::convolution_forward;
using dnnl::memory;
using dnnl::reorder;

constexpr std::size_t kMostKept = 256;                        ///< convolutions
constexpr std::size_t kMostArranged = std::size_t{64} << 20;  ///< bytes of their weights

/// oneDNN as Debian builds it starts threads by OpenMP, whose number each thread sets for itself;
/// another build may have none.
void start_no_threads() {
  using Set = void (*)(int);
  if (const auto set = reinterpret_cast<Set>(::dlsym(RTLD_DEFAULT, "omp_set_num_threads"))) set(1);
}

/// An engine and a stream of each thread's own.
struct Context {
  Context() : engine(dnnl::engine::kind::cpu, 0), stream(engine) { start_no_threads(); }
  dnnl::engine engine;
  dnnl::stream stream;
};

Context& context() {
  thread_local Context own;
  return own;
}

/// Bytes at an address that any vector may be loaded from.
class Scratch {
 public:
  void* of(std::size_t bytes) {
    if (bytes > bytes_.size()) bytes_ = std::vector<Block>(bytes / sizeof(Block) + 1);
    return bytes_.data();
  }

 private:
  struct alignas(64) Block {
    std::array<unsigned char, 64> bytes;
  };
  std::vector<Block> bytes_;
};

struct Types {
  memory::data_type images, weights, sums;
};
constexpr Types kFloats = {memory::data_type::f32, memory::data_type::f32, memory::data_type::f32};
constexpr Types kBytes = {memory::data_type::u8, memory::data_type::s8, memory::data_type::s32};

/// Zeros behind the input that the last window reaches.
std::int64_t end_padding(const WindowAxis& axis) {
  const std::int64_t reached =
      (axis.output - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
  return std::max(reached - axis.input - axis.pad_begin, std::int64_t{1} - axis.stride);
}

/// One convolution as oneDNN does it, or nothing.
class Convolution {
 public:
  Convolution(const ConvolutionShape& shape, const Types& types) {
    const auto& [y, x] = shape.window;
    const std::int64_t depth = shape.channels / shape.groups;
    const memory::dims images = {shape.batch, shape.channels, y.input, x.input};
    const memory::dims sums = {shape.batch, shape.outputs, y.output, x.output};
    const bool grouped = shape.groups > 1;
    const memory::dims weights = grouped ? memory::dims{shape.groups, shape.outputs / shape.groups,
                                                        depth, y.kernel, x.kernel}
                                         : memory::dims{shape.outputs, depth, y.kernel, x.kernel};
    using Tag = memory::format_tag;
    const auto any = [](const memory::dims& dims, memory::data_type type) {
      return memory::desc(dims, type, Tag::any);
    };
    const dnnl::engine& engine = context().engine;
    const convolution_forward::primitive_desc chosen({dnnl::prop_kind::forward_inference,
                                                      dnnl::algorithm::convolution_direct,
                                                      any(images, types.images),
                                                      any(weights, types.weights),
                                                      any(sums, types.sums),
                                                      {y.stride, x.stride},
                                                      {y.dilation - 1, x.dilation - 1},
                                                      {y.pad_begin, x.pad_begin},
                                                      {end_padding(y), end_padding(x)}},
                                                     engine, true);
    // Others than those made for the processor (jit..., brgconv...) unfold, or are slow.
    const std::string made = chosen ? chosen.impl_info_str() : "";
    if (made.rfind("jit", 0) != 0 && made.rfind("brgconv", 0) != 0) return;
    images_ = chosen.src_desc();
    weights_ = chosen.weights_desc();
    sums_ = chosen.dst_desc();
    given_images_ = memory::desc(images, types.images, Tag::nchw);
    given_weights_ = memory::desc(weights, types.weights, grouped ? Tag::goihw : Tag::oihw);
    given_sums_ = memory::desc(sums, types.sums, Tag::nchw);
    arrange_images_ = arrangement(given_images_, images_);
    arrange_weights_ = arrangement(given_weights_, weights_);
    arrange_sums_ = arrangement(sums_, given_sums_);
    run_ = convolution_forward(chosen);
  }

  [[nodiscard]] bool exists() const { return static_cast<bool>(run_); }
  [[nodiscard]] std::size_t arranged_bytes() const { return arranged_ ? weights_.get_size() : 0; }

  /// `keep`: the weights are the same in all calls.
  void compute(const void* images, const void* weights, bool keep, void* out) {
    thread_local Scratch image_scratch, weight_scratch, sum_scratch;
    Context& own = context();
    memory source(given_images_, own.engine, const_cast<void*>(images));
    if (arrange_images_) {
      memory arranged(images_, own.engine, image_scratch.of(images_.get_size()));
      arrange_images_->execute(own.stream, source, arranged);
      source = arranged;
    }
    if (!arranged_) {
      memory given(given_weights_, own.engine, const_cast<void*>(weights));
      memory arranged(
          weights_, own.engine,
          keep ? kept_.of(weights_.get_size()) : weight_scratch.of(weights_.get_size()));
      if (arrange_weights_) {
        arrange_weights_->execute(own.stream, given, arranged);
      } else {
        arranged = given;
      }
      by_ = arranged;
      arranged_ = keep && arrange_weights_;
    }
    memory result(given_sums_, own.engine, out);
    memory sums =
        arrange_sums_ ? memory(sums_, own.engine, sum_scratch.of(sums_.get_size())) : result;
    run_.execute(own.stream,
                 {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, by_}, {DNNL_ARG_DST, sums}});
    if (arrange_sums_) arrange_sums_->execute(own.stream, sums, result);
    own.stream.wait();
  }

 private:
  static std::optional<reorder> arrangement(const memory::desc& from, const memory::desc& to) {
    if (from == to) return std::nullopt;
    return reorder(reorder::primitive_desc(context().engine, from, context().engine, to));
  }

  memory::desc images_, weights_, sums_;
  memory::desc given_images_, given_weights_, given_sums_;
  std::optional<reorder> arrange_images_, arrange_weights_, arrange_sums_;
  convolution_forward run_;
  memory by_;
  Scratch kept_;
  bool arranged_ = false;
};

using Key = std::array<std::int64_t, 20>;

Key key_of(const ConvolutionShape& shape, const Types& types, std::uint64_t identity) {
  Key key = {shape.batch,
             shape.channels,
             shape.outputs,
             shape.groups,
             static_cast<std::int64_t>(types.images),
             static_cast<std::int64_t>(identity)};
  std::size_t at = 6;
  for (const WindowAxis& axis : shape.window) {
    for (const std::int64_t number : {axis.input, axis.kernel, axis.stride, axis.dilation,
                                      axis.pad_begin, axis.pad_end, axis.output}) {
      key[at++] = number;
    }
  }
  return key;
}

bool convolve(const ConvolutionShape& shape, const Types& types, const void* images,
              const void* weights, std::uint64_t identity, void* out) {
  thread_local std::map<Key, Convolution> kept;
  thread_local std::size_t arranged = 0;  // bytes of weights
  const Key key = key_of(shape, types, identity);
  auto found = kept.find(key);
  if (found == kept.end()) {
    if (kept.size() >= kMostKept || arranged >= kMostArranged) {
      kept.clear();
      arranged = 0;
    }
    try {
      found = kept.try_emplace(key, shape, types).first;
    } catch (const dnnl::error&) {  // a shape that it does not know
      return false;
    }
  }
  Convolution& convolution = found->second;
  if (!convolution.exists()) return false;
  const std::size_t before = convolution.arranged_bytes();
  convolution.compute(images, weights, identity != 0, out);
  arranged += convolution.arranged_bytes() - before;
  return true;
}

}  // namespace

ByteSums byte_sums_here() {
  static const ByteSums kHere = [] {
    switch (dnnl::get_effective_cpu_isa()) {
      case dnnl::cpu_isa::avx512_core_vnni:
      case dnnl::cpu_isa::avx512_core_bf16:
      case dnnl::cpu_isa::avx512_core_amx:
        return ByteSums::kWide;
      default:
        return ByteSums::kOfPairs;
    }
  }();
  return kHere;
}

bool convolve_directly(const ConvolutionShape& shape, const float* images, const float* weights,
                       std::uint64_t identity, float* out) {
  return convolve(shape, kFloats, images, weights, identity, out);
}

bool convolve_directly(const ConvolutionShape& shape, const std::uint8_t* images,
                       const std::int8_t* weights, std::uint64_t identity, std::int32_t* out) {
  return convolve(shape, kBytes, images, weights, identity, out);
}

}  // namespace fewbit::quant
