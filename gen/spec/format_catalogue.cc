// The named formats: one row each, with the names that standards and libraries use for it.
// SPDX-License-Identifier: Apache-2.0
#include "fewbit/gen/spec/format_coding.h"

namespace fewbit {
namespace {

constexpr const char* kOcpFp8 = "OCP 8-bit Floating Point Specification 1.0";
constexpr const char* kOcpMx = "OCP Microscaling Formats Specification 1.0";
constexpr const char* kOnnx = "ONNX operator set, float 8 types";
constexpr const char* kMlDtypes = "ml_dtypes";
constexpr const char* kP3109 = "IEEE P3109 interim report 4.0 (draft)";
constexpr const char* kIeee754 = "IEEE 754-2019";

Format grammar(const char* name) {
  Result<Format> format = parse_format_grammar(name);
  FEWBIT_CHECK(format.ok(), "catalogue: {}", format.error().message());
  return std::move(format).value();
}

std::vector<CatalogueEntry> make_catalogue() {
  std::vector<CatalogueEntry> rows;
  rows.push_back({"e4m3fn", {"float8_e4m3fn", "float8e4m3fn"}, grammar("e4m3fn"), kOcpFp8});
  rows.push_back({"e5m2", {"float8_e5m2", "float8e5m2"}, grammar("e5m2"), kOcpFp8});
  rows.push_back({"e4m3fnuz", {"float8_e4m3fnuz", "float8e4m3fnuz"}, grammar("e4m3fnuz"), kOnnx});
  rows.push_back({"e5m2fnuz", {"float8_e5m2fnuz", "float8e5m2fnuz"}, grammar("e5m2fnuz"), kOnnx});
  rows.push_back({"e4m3b11fnuz", {"float8_e4m3b11fnuz"}, grammar("e4m3b11fnuz"), kMlDtypes});
  rows.push_back({"e4m3ieee", {"float8_e4m3"}, grammar("e4m3ieee"), kMlDtypes});
  rows.push_back({"e3m4ieee", {"float8_e3m4"}, grammar("e3m4ieee"), kMlDtypes});
  rows.push_back({"e3m2", {"float6_e3m2fn"}, grammar("e3m2"), kOcpMx});
  rows.push_back({"e2m3", {"float6_e2m3fn"}, grammar("e2m3"), kOcpMx});
  rows.push_back({"e2m1", {"float4_e2m1fn", "float4e2m1"}, grammar("e2m1"), kOcpMx});
  rows.push_back({"mxint8", {}, IntFormat{8, true, -6}, kOcpMx});
  rows.push_back({"e8m0", {"float8_e8m0fnu", "float8e8m0"}, e8m0_format(), kOcpMx});
  rows.push_back({"ue4m3", {}, grammar("ue4m3fn"), "NVIDIA NVFP4 block scale"});
  for (const char* name : {"binary8p3se", "binary8p4se", "binary8p5se", "binary8p4sf",
                           "binary6p3sf", "binary6p4sf", "binary4p2sf", "binary8p1uf"}) {
    rows.push_back({name, {}, grammar(name), kP3109});
  }
  rows.push_back({"bfloat16", {"bf16"}, grammar("e8m7ieee"), "bfloat16 (Google Brain)"});
  rows.push_back({"binary16", {"float16", "fp16", "half"}, grammar("e5m10ieee"), kIeee754});
  rows.push_back({"binary32", {"float32", "fp32", "float"}, grammar("e8m23ieee"), kIeee754});
  for (const Format& format : paper_formats(3, 8)) {
    const std::string& name = format.name();
    const bool listed = name == "e2m1" || name == "e2m3" || name == "e3m2";
    if (format.is_float() && !listed) {
      rows.push_back({name, {}, format, "Shedding the Bits, arXiv 2311.12359"});
    }
  }
  rows.push_back(
      {"bipolar", {}, IntFormat{1, true, 0, true}, "binary networks: XNOR and popcount"});
  rows.push_back({"e1m0f", {"ternary"}, grammar("e1m0f"), "ternary networks: -2, 0, 2"});
  for (const char* name : {"int2", "uint2", "int4", "uint4", "int8", "uint8"}) {
    rows.push_back({name, {}, grammar(name), "two's complement and unsigned integers"});
  }
  return rows;
}

}  // namespace

const std::vector<CatalogueEntry>& format_catalogue() {
  static const std::vector<CatalogueEntry> kCatalogue = make_catalogue();
  return kCatalogue;
}

std::vector<Format> paper_formats(int min_bits, int max_bits) {
  std::vector<Format> formats;
  for (int bits = min_bits; bits <= max_bits; ++bits) {
    formats.emplace_back(IntFormat{bits, true, 0, bits == 1});
    for (int exponent = 1; exponent <= 5 && exponent <= bits - 1; ++exponent) {
      formats.emplace_back(make_float_format(exponent, bits - 1 - exponent, true, Coding::kFinite));
    }
  }
  return formats;
}

}  // namespace fewbit
