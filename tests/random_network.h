// Random networks of what docs/networks.md covers, as ONNX files, with formats, foldings and a
// target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "fewbit/flows/study/network/accelerator.h"
#include "fewbit/tests/onnx_writer.h"

namespace fewbit::testing {

/// One network; equal seeds make equal ones.
class RandomNetwork {
 public:
  explicit RandomNetwork(std::uint64_t seed) : random_(seed) {
    channels_ = 1 + below(3);
    height_ = 4 + below(6);
    width_ = 4 + below(6);
    shape_ = {channels_, height_, width_};
    const std::uint64_t stages = 1 + below(3);
    for (std::uint64_t i = 0; i < stages; ++i) add_stage();
    add_head();
    has_multipliers_ = below(2) == 0;
    sends_class_ = below(4) == 0;
    weights_ = one_of({"int2", "int3", "int4", "int8", "e1m1f", "e2m0f", "e2m1", "e3m0f", "e2m2f"});
    activations_ = one_of({"int2", "int3", "int4", "int8", "e1m2f", "e2m1", "e2m2f", "e3m1f"});
    edges_at_8_bits_ = below(3) == 0 && layers_ > 2;  // else no layer has the formats
  }

  [[nodiscard]] std::string onnx() const { return onnx_file::model(nodes_, shape_); }
  [[nodiscard]] const std::vector<std::uint64_t>& shape() const { return shape_; }
  [[nodiscard]] const std::string& weights() const { return weights_; }
  [[nodiscard]] const std::string& activations() const { return activations_; }
  [[nodiscard]] bool edges_at_8_bits() const { return edges_at_8_bits_; }
  [[nodiscard]] bool has_multipliers() const { return has_multipliers_; }
  [[nodiscard]] bool sends_class() const { return sends_class_; }
  /// "3x5x7: conv3/2 add max2 gemm, int4 x e2m1".
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const std::uint64_t extent : shape_) {
      text += (text.empty() ? "" : "x") + std::to_string(extent);
    }
    return text + ":" + words_ + ", " + weights_ + " x " + activations_ +
           (edges_at_8_bits_ ? ", 8-bit edges" : "") + (has_multipliers_ ? ", ecp5" : ", ice40") +
           (sends_class_ ? ", class" : "");
  }

  /// Any rows, any lanes, any divisor of rows.
  study::LayerFolding folding(std::int64_t channels, std::int64_t terms, bool is_depthwise) {
    const auto divisor = [&](std::uint64_t all, std::uint64_t most) {
      std::uint64_t chosen = 1 + below(std::min(all, most));
      while (all % chosen != 0) --chosen;
      return chosen;
    };
    const auto all = static_cast<std::uint64_t>(channels);
    const std::uint64_t rows = is_depthwise ? divisor(all, 64) : 1 + below(all);
    const std::uint64_t lanes =
        is_depthwise ? 1
                     : 1 + below(std::min<std::uint64_t>(static_cast<std::uint64_t>(terms), 12));
    return {static_cast<int>(rows), static_cast<int>(lanes), static_cast<int>(divisor(rows, 256))};
  }
  /// Images [count, ..] of bytes / 255; some dark, some of noise.
  std::vector<float> images(std::size_t count) {
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t brightest = i % 3 == 0 ? 40 : 255;
      for (std::uint64_t k = 0; k < shape_[0] * shape_[1] * shape_[2]; ++k) {
        values.push_back(static_cast<float>(below(brightest + 1)) / 255);
      }
    }
    return values;
  }

 private:
  /// A tensor of the graph.
  struct Value {
    std::string name = "x";
    bool is_nonnegative = true;
  };
  /// Kernel, stride, dilation and pads of both axes.
  struct Windows {
    std::uint64_t kernel = 1, stride = 1, dilation = 1;
    std::vector<std::uint64_t> pads = {0, 0, 0, 0};  ///< top, left, bottom, right
  };

  std::uint64_t below(std::uint64_t end) { return random_() % end; }
  std::string one_of(const std::vector<std::string>& names) { return names[below(names.size())]; }
  std::string new_name(const std::string& stem) {
    // Names of any kind of bytes, for modules as for nodes.
    static const std::vector<std::string> kTails = {"", ".w", "/x:0", "\xc3\xa9", " B"};
    return stem + std::to_string(++names_) + one_of(kTails);
  }
  std::string constant(std::vector<std::uint64_t> shape, float size) {
    std::uint64_t count = 1;
    for (const std::uint64_t extent : shape) count *= extent;
    std::vector<float> values(count);
    for (float& value : values) {
      value = size * (static_cast<float>(below(2001)) / 1000 - 1);
      if (below(12) == 0) value = 0;
    }
    const std::string name = new_name("k");
    nodes_.push_back(onnx_file::constant(name, onnx_file::tensor(shape, values)));
    return name;
  }
  static std::string integers(const std::string& name, const std::vector<std::uint64_t>& values) {
    std::string packed;
    for (const std::uint64_t value : values) packed += onnx_file::varint(value);
    return onnx_file::bytes(5, onnx_file::bytes(1, name) + onnx_file::number(20, std::uint64_t{7}) +
                                   onnx_file::bytes(8, packed));
  }
  static std::string integer(const std::string& name, std::uint64_t value) {
    return onnx_file::bytes(5, onnx_file::bytes(1, name) + onnx_file::number(20, std::uint64_t{2}) +
                                   onnx_file::number(3, value));
  }
  static std::string attributes(const Windows& w, std::uint64_t group) {
    std::string text = integers("kernel_shape", {w.kernel, w.kernel}) +
                       integers("strides", {w.stride, w.stride}) + integers("pads", w.pads);
    if (w.dilation > 1) text += integers("dilations", {w.dilation, w.dilation});
    return group > 0 ? text + integer("group", group) : text;
  }
  std::string node(const std::string& op, const std::vector<std::string>& inputs,
                   const std::string& attributes = "") {
    const std::string name = new_name(op);
    nodes_.push_back(onnx_file::node(op, inputs, name, onnx_file::bytes(3, name) + attributes));
    return name;
  }

  static std::uint64_t places(std::uint64_t extent, std::uint64_t before, std::uint64_t behind,
                              const Windows& w) {
    const std::uint64_t window = (w.kernel - 1) * w.dilation + 1;
    const std::uint64_t all = extent + before + behind;
    return all < window ? 0 : (all - window) / w.stride + 1;
  }
  /// Windows with at least one place.
  Windows windows(bool pads) {
    for (;;) {
      Windows w{1 + below(3), 1 + below(2), 1, {0, 0, 0, 0}};
      if (w.kernel > 1 && below(4) == 0) w.dilation = 2;
      const std::uint64_t extent = (w.kernel - 1) * w.dilation + 1;
      if (pads && w.kernel > 1 && below(3) > 0) {
        const std::uint64_t all = below(2) == 0 ? extent / 2 : 0;
        for (std::uint64_t& pad : w.pads) pad = all > 0 ? all : below(extent);
      }
      if (w.stride > height_ || w.stride > width_) continue;
      if (places(height_, w.pads[0], w.pads[2], w) > 0 &&
          places(width_, w.pads[1], w.pads[3], w) > 0) {
        return w;
      }
    }
  }
  void slide(const Windows& w) {
    const std::uint64_t rows = places(height_, w.pads[0], w.pads[2], w);
    width_ = places(width_, w.pads[1], w.pads[3], w);
    height_ = rows;
  }

  Value conv(const Value& from, std::uint64_t outputs, const Windows& w, bool is_depthwise) {
    ++layers_;
    const std::uint64_t inputs = is_depthwise ? 1 : channels_;
    const auto terms = static_cast<float>(inputs * w.kernel * w.kernel);
    std::vector<std::string> names = {from.name};
    names.push_back(constant({outputs, inputs, w.kernel, w.kernel}, 2 / std::sqrt(terms)));
    if (below(3) > 0) names.push_back(constant({outputs}, 0.3F));
    const std::string made = node("Conv", names, attributes(w, is_depthwise ? channels_ : 1));
    words_ += (is_depthwise ? " dw" : " conv") + std::to_string(w.kernel) + "/" +
              std::to_string(w.stride) + (w.dilation > 1 ? "d" : "");
    slide(w);
    channels_ = outputs;
    return {made, false};
  }
  /// Maybe a Relu or a Clip.
  Value clamped(const Value& from, bool surely = false) {
    const std::uint64_t kind = below(surely ? 3 : 5);
    if (kind > 2) return from;
    if (kind == 0) {
      words_ += " relu";
      return {node("Relu", {from.name}), true};
    }
    words_ += " clip";
    const float most = 0.2F + static_cast<float>(below(20)) / 10;
    const float least = kind == 1 ? 0 : -most / 2;
    const auto scalar = [&](float value) {
      const std::string name = new_name("k");
      nodes_.push_back(onnx_file::constant(name, onnx_file::tensor({}, {value})));
      return name;
    };
    const std::string lower = scalar(least), upper = scalar(most);
    return {node("Clip", {from.name, lower, upper}), kind == 1};
  }
  Windows same_size() {
    const std::uint64_t kernel = below(2) == 0 ? 1 : 3;
    return {kernel, 1, 1, std::vector<std::uint64_t>(4, kernel / 2)};
  }

  void add_stage() {
    const std::uint64_t kind = below(6);
    if (kind <= 1) {
      value_ = clamped(conv(value_, 1 + below(6), windows(true), false));
    } else if (kind == 2) {
      value_ = clamped(conv(value_, channels_, windows(true), true));
    } else if (kind == 3) {
      add_branches();
    } else if (kind == 4) {
      const Windows w = pool_windows(value_.is_nonnegative && below(2) == 0);
      words_ += " max" + std::to_string(w.kernel) + "/" + std::to_string(w.stride);
      value_.name = node("MaxPool", {value_.name}, attributes(w, 0));
      slide(w);
    } else {
      const Windows w = pool_windows(false);
      words_ += " mean" + std::to_string(w.kernel) + "/" + std::to_string(w.stride);
      value_.name = node("AveragePool", {value_.name}, attributes(w, 0));
      slide(w);
    }
  }
  /// Every window meets the image.
  Windows pool_windows(bool pads) {
    for (;;) {
      Windows w = windows(pads);
      const bool meets = std::all_of(w.pads.begin(), w.pads.end(), [&](std::uint64_t pad) {
        return pad < w.kernel && (w.dilation == 1 || pad == 0);
      });
      if (meets) return w;
    }
  }
  /// A sum of two ways from one tensor; the second may be short or nothing at all.
  void add_branches() {
    words_ += " (";
    const Value start = clamped(conv(value_, 1 + below(5), same_size(), false), below(2) == 0);
    const std::uint64_t channels = channels_;
    Value one = conv(start, channels, same_size(), below(3) == 0);
    if (below(2) == 0) one = conv(clamped(one, true), channels, same_size(), false);
    words_ += " |";
    Value other = start;
    if (below(3) == 0) other = conv(start, channels, same_size(), false);
    words_ += " )";
    if (below(2) == 0) std::swap(one, other);
    value_ = clamped({node("Add", {one.name, other.name}), false});
  }
  void add_head() {
    const std::uint64_t kind = below(4);
    if (kind == 0) {
      words_ += " mean";
      value_.name = node("GlobalAveragePool", {value_.name});
      height_ = width_ = 1;
    }
    if (kind == 1 && height_ == width_ && height_ > 1) {
      value_ = conv(value_, 2 + below(4), {height_, 1, 1, {0, 0, 0, 0}}, false);
      if (below(2) == 0) value_ = clamped(value_, true);
    }
    std::uint64_t features = channels_ * height_ * width_;
    std::string flat = node("Flatten", {value_.name});
    if (below(3) == 0) {
      const std::uint64_t hidden = 2 + below(5);
      flat = clamped({gemm(flat, features, hidden), false}, true).name;
      features = hidden;
    }
    gemm(flat, features, 2 + below(6));
    nodes_.back() = onnx_file::node("Gemm", last_inputs_, "y", last_attributes_);
  }
  std::string gemm(const std::string& from, std::uint64_t inputs, std::uint64_t outputs) {
    ++layers_;
    const bool transposed = below(2) == 0;
    const float size = 2 / std::sqrt(static_cast<float>(inputs));
    last_inputs_ = {
        from, transposed ? constant({outputs, inputs}, size) : constant({inputs, outputs}, size)};
    if (below(3) > 0) last_inputs_.push_back(constant({outputs}, 0.3F));
    last_attributes_ = transposed ? integer("transB", 1) : "";
    words_ += " gemm" + std::to_string(outputs);
    return node("Gemm", last_inputs_, last_attributes_);
  }

  std::mt19937_64 random_;
  std::uint64_t channels_ = 1, height_ = 1, width_ = 1;
  std::vector<std::uint64_t> shape_;
  std::vector<std::string> nodes_;
  int names_ = 0, layers_ = 0;
  Value value_;
  std::string words_, weights_, activations_;
  std::vector<std::string> last_inputs_;
  std::string last_attributes_;
  bool edges_at_8_bits_ = false, has_multipliers_ = false, sends_class_ = false;
};

}  // namespace fewbit::testing
