// From a name to a format: the grammar of docs/formats.md, and what to say about a name outside it.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include "fewbit/gen/spec/format_coding.h"

namespace fewbit {
namespace {

constexpr const char* kLegal =
    "int<N> or uint<N> (N 1..32), int<W>_lsb<k> or uint<W>_lsb<k> (fixed point), "
    "[u]e<x>m<y>[b<bias>] followed by f, fn, fnuz or ieee (e4m3fn), e2m1, e2m3, e3m2, e5m2, e8m0, "
    "ue4m3, binary<K>p<P><s|u><e|f> (K 3..16), mxint8, bfloat16, binary16, binary32";

Error format_error(std::string_view name, const std::string& legal, const std::string& detail) {
  return {"format", std::string(name), legal, detail};
}

/// Reads a lower-case name from the left.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool take(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  /// A decimal number without leading zeros, of at most 6 digits.
  std::optional<int> number() {
    std::size_t digits = 0;
    while (digits < rest_.size() && std::isdigit(static_cast<unsigned char>(rest_[digits])) != 0) {
      ++digits;
    }
    if (digits == 0 || digits > 6 || (digits > 1 && rest_[0] == '0')) return std::nullopt;
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + digits, value);
    rest_.remove_prefix(digits);
    return value;
  }
  /// The same, or "m" and a number other than 0: its negative.
  std::optional<int> signed_number() {
    if (!take("m")) return number();
    const std::optional<int> magnitude = number();
    if (!magnitude || *magnitude == 0) return std::nullopt;
    return -*magnitude;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

struct MinifloatName {
  bool is_signed = true;
  int exponent_bits = 0;
  int fraction_bits = 0;
  std::optional<int> bias;
  std::string suffix;  // "" for a bare name
};

std::optional<MinifloatName> scan_minifloat(std::string_view text) {
  Scanner scanner(text);
  MinifloatName name;
  name.is_signed = !scanner.take("u");
  if (!scanner.take("e")) return std::nullopt;
  const std::optional<int> exponent = scanner.number();
  if (!exponent || !scanner.take("m")) return std::nullopt;
  const std::optional<int> fraction = scanner.number();
  if (!fraction) return std::nullopt;
  if (scanner.take("b")) {
    name.bias = scanner.signed_number();
    if (!name.bias) return std::nullopt;
  }
  name.exponent_bits = *exponent;
  name.fraction_bits = *fraction;
  name.suffix = scanner.rest();
  return name;
}

std::optional<Coding> coding_of_suffix(std::string_view suffix) {
  if (suffix == "f") return Coding::kFinite;
  if (suffix == "fn") return Coding::kFn;
  if (suffix == "fnuz") return Coding::kFnuz;
  if (suffix == "ieee") return Coding::kIeee;
  return std::nullopt;
}

/// Checks that these fields make a format, and makes it.
Result<Format> checked_float(std::string_view text, const MinifloatName& name, Coding coding) {
  const int bits = name.exponent_bits + name.fraction_bits + (name.is_signed ? 1 : 0);
  if (name.exponent_bits < 1 || name.exponent_bits > kMaxExponentBits) {
    return format_error(text, fmt::format("1 to {} exponent bits", kMaxExponentBits), "");
  }
  if (name.fraction_bits > kMaxFractionBits) {
    return format_error(text, fmt::format("0 to {} fraction bits", kMaxFractionBits), "");
  }
  if (bits < 2 || bits > kMaxFloatBits) {
    return format_error(text, fmt::format("2 to {} bits in all", kMaxFloatBits),
                        fmt::format("{} here", bits));
  }
  if (name.bias && std::abs(*name.bias) > kMaxBias) {
    return format_error(text, fmt::format("a bias of {} to {}", -kMaxBias, kMaxBias), "");
  }
  if (coding == Coding::kFnuz && !name.is_signed) {
    return format_error(text, "f, fn or ieee for an unsigned format",
                        "fnuz uses the code of minus zero");
  }
  if (coding == Coding::kIeee && name.fraction_bits < 1) {
    return format_error(text, "at least 1 fraction bit with ieee",
                        "without one no code is left for NaN");
  }
  const FloatFormat format =
      make_float_format(name.exponent_bits, name.fraction_bits, name.is_signed, coding, name.bias);
  if (format.max_finite == 0) {
    return format_error(text, "a format with a finite value other than zero", "");
  }
  return Format(format);
}

/// "e4m3f (480), e4m3fn (448), ...": every reading of a name without suffix.
std::string readings(const MinifloatName& name, std::string_view text) {
  std::string list;
  for (const char* suffix : {"f", "fn", "fnuz", "ieee"}) {
    const std::string full = std::string(text) + suffix;
    const Result<Format> format = checked_float(full, name, *coding_of_suffix(suffix));
    if (!format.ok()) continue;
    list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", full,
                        largest_value_text(format->as_float()));
  }
  return list;
}

Result<Format> parse_minifloat(std::string_view text, const MinifloatName& name) {
  if (const std::optional<Coding> coding = coding_of_suffix(name.suffix)) {
    return checked_float(text, name, *coding);
  }
  if (!name.suffix.empty()) {
    return format_error(text, "suffix f, fn, fnuz or ieee", fmt::format("not {}", name.suffix));
  }
  if (text == "e2m1" || text == "e2m3" || text == "e3m2") {
    return checked_float(text, name, Coding::kFinite);
  }
  if (text == "e5m2") return checked_float(text, name, Coding::kIeee);
  FEWBIT_ASSIGN_OR_RETURN(finite, checked_float(text, name, Coding::kFinite));
  return format_error(text, readings(name, text),
                      "the bare name has several meanings; in brackets the largest value");
}

Result<Format> checked_integer(std::string_view text, const IntFormat& format, bool is_fixed) {
  const int max_bits = is_fixed ? kMaxFixedPointBits : kMaxIntegerBits;
  if (format.bits < 1 || format.bits > max_bits) {
    return format_error(text, fmt::format("1 to {} bits", max_bits),
                        is_fixed ? "" : "int<W>_lsb<k> names wider fixed-point numbers");
  }
  return Format(format);
}

/// int<N>, uint<N>, s<N>, u<N>, each alone or with _lsb[m]<k> for a unit of 2^k.
std::optional<Result<Format>> try_integer(std::string_view text) {
  for (const auto& [prefix, is_signed] : {std::pair{"uint", false}, std::pair{"int", true},
                                          std::pair{"u", false}, std::pair{"s", true}}) {
    Scanner scanner(text);
    if (!scanner.take(prefix)) continue;
    const std::optional<int> bits = scanner.number();
    if (!bits) continue;
    if (scanner.at_end()) return checked_integer(text, {*bits, is_signed, 0}, false);
    if (!scanner.take("_lsb")) continue;
    const std::optional<int> lsb = scanner.signed_number();
    if (lsb && scanner.at_end()) return checked_integer(text, {*bits, is_signed, *lsb}, true);
  }
  return std::nullopt;
}

/// binary<K>p<P><s|u><e|f> of P3109: K bits, precision P.
std::optional<Result<Format>> try_p3109(std::string_view text) {
  Scanner scanner(text);
  if (!scanner.take("binary")) return std::nullopt;
  const std::optional<int> bits = scanner.number();
  if (!bits || !scanner.take("p")) return std::nullopt;
  const std::optional<int> precision = scanner.number();
  if (!precision) return std::nullopt;
  const bool is_signed = scanner.take("s");
  if (!is_signed && !scanner.take("u")) return std::nullopt;
  const bool is_extended = scanner.take("e");
  if ((!is_extended && !scanner.take("f")) || !scanner.at_end()) return std::nullopt;

  const int max_precision = is_signed ? *bits - 1 : *bits;
  if (*bits < kMinP3109Bits || *bits > kMaxP3109Bits) {
    return format_error(text, fmt::format("K of {} to {} bits", kMinP3109Bits, kMaxP3109Bits), "");
  }
  if (*precision < 1 || *precision > max_precision) {
    return format_error(text, fmt::format("P of 1 to {}", max_precision), "");
  }
  MinifloatName name;
  name.is_signed = is_signed;
  name.fraction_bits = *precision - 1;
  name.exponent_bits = *bits - name.fraction_bits - (is_signed ? 1 : 0);
  name.bias = default_bias(name.exponent_bits, Coding::kExtended);
  const Coding finite = is_signed ? Coding::kFnuz : Coding::kFn;
  return checked_float(text, name, is_extended ? Coding::kExtended : finite);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

}  // namespace

Result<Format> parse_format_grammar(std::string_view name) {
  if (const auto integer = try_integer(name)) return *integer;
  if (const auto p3109 = try_p3109(name)) return *p3109;
  if (const auto minifloat = scan_minifloat(name)) return parse_minifloat(name, *minifloat);
  return format_error(name, kLegal, "`fewbit formats` lists the named ones");
}

Result<Format> parse_format(std::string_view name) {
  const std::string lower = lower_case(name);
  for (const CatalogueEntry& entry : format_catalogue()) {
    const bool is_alias =
        std::find(entry.aliases.begin(), entry.aliases.end(), lower) != entry.aliases.end();
    if (is_alias || entry.name == lower) return entry.format;
  }
  return parse_format_grammar(lower);
}

}  // namespace fewbit
