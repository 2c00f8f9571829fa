// fewbit._fewbit: formats, conversions and operators of the model, on contiguous arrays of NumPy.
// Everything about shapes, types and defaults is in the Python files beside.
// SPDX-License-Identifier: Apache-2.0
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <atomic>

#include "fewbit/gen/spec/operator_request.h"
#include "fewbit/gen/util/release.h"
#include "fewbit/sim/arrays/conversion.h"
#include "fewbit/sim/arrays/dot_product.h"
#include "fewbit/sim/arrays/operation.h"

namespace py = pybind11;
using namespace pybind11::literals;

namespace fewbit {
namespace {

/// An Error on its way to Python, where it becomes a fewbit.RequestError.
struct RequestError {
  Error error;
};

template <typename T>
T value_or_throw(Result<T> result) {
  if (!result.ok()) throw RequestError{result.error()};
  return std::move(result).value();
}

template <typename T>
using Contiguous = py::array_t<T, py::array::c_style>;

/// Whether Ctrl-C was pressed; then Python has its exception set. Asked without the interpreter's
/// lock held.
bool interrupted() {
  const py::gil_scoped_acquire lock;
  return PyErr_CheckSignals() != 0;
}

void throw_if_interrupted() {
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
}

constexpr std::size_t kPiece = std::size_t{1} << 16;  // elements between two looks for Ctrl-C
constexpr std::size_t kScaledPiece = 4096;            // as many doubles as stay in a cache

/// Calls run(begin, end) for pieces of 0..count without the interpreter's lock.
template <typename Run>
void in_pieces(std::size_t count, std::size_t piece, Run run) {
  {
    const py::gil_scoped_release unlocked;
    for (std::size_t begin = 0; begin < count; begin += piece) {
      if (begin > 0 && interrupted()) break;
      run(begin, std::min(count, begin + piece));
    }
  }
  throw_if_interrupted();
}

OperatorSpec spec_of(const std::map<std::string, std::string>& options) {
  OperatorRequest request;
  for (const auto& [name, text] : options) {
    if (name == "op") {
      request.op = text;
    } else {
      value_or_throw(set_option(request, "--" + name, text));
    }
  }
  return value_or_throw(make_operator_spec(request));
}

/// Conversion of machine numbers under the options of a `convert`: by table, else by the model.
class Converter {
 public:
  Converter(const Format& format, const std::map<std::string, std::string>& options)
      : format_(format) {
    // A request of the operator `convert` checks the options; from where it converts does not
    // count.
    std::map<std::string, std::string> request = options;
    request["op"] = "convert";
    request["a"] = "binary32";
    request["result"] = format.name();
    spec_ = spec_of(request);
    if (spec_.flush_inputs) {
      throw RequestError{{"subnormals", request["subnormals"], "keep, flush_outputs",
                          "the numbers have no format of fewbit"}};
    }
    projection_ = model::projection_of(spec_);
    narrow_ = arrays::Conversion<float>::make(format, projection_);
    wide_ = arrays::Conversion<double>::make(format, projection_);
  }

  [[nodiscard]] bool has_table() const { return wide_.has_value(); }
  [[nodiscard]] int random_bits() const { return spec_.random_bits; }
  template <typename Float>
  [[nodiscard]] bool has_values() const {
    return table<Float>() && table<Float>()->has_values();
  }

  /// The codes of x, as To: the narrowest unsigned type of NumPy that holds them.
  template <typename Float, typename To>
  void codes(const Contiguous<Float>& x, Contiguous<To>& out,
             const std::optional<Contiguous<std::uint64_t>>& random) const {
    const Float* from = x.data();
    To* to = out.mutable_data();
    const std::uint64_t* bits = random ? random->data() : nullptr;
    const auto count = static_cast<std::size_t>(x.size());
    if constexpr (sizeof(To) <= 2) {
      if (const auto& fast = table<Float>()) {
        return in_pieces(count, kPiece * 16, [&](std::size_t begin, std::size_t end) {
          fast->run(from + begin, end - begin, to + begin);
        });
      }
    }
    in_pieces(count, 1024, [&](std::size_t begin, std::size_t end) {
      model::Projection projection = projection_;
      for (std::size_t i = begin; i < end; ++i) {
        if (bits != nullptr) projection.random = bits[i];
        to[i] =
            model::encode(format_, arrays::datum_of(from[i]), projection).template convert_to<To>();
      }
    });
  }

  template <typename Float>
  void values(const Contiguous<Float>& x, Contiguous<Float>& out) const {
    const Float* from = x.data();
    Float* to = out.mutable_data();
    in_pieces(static_cast<std::size_t>(x.size()), kPiece * 16,
              [&](std::size_t begin, std::size_t end) {
                table<Float>()->run(from + begin, end - begin, to + begin);
              });
  }

  /// out[i]: the value of x[i] x factors[i / inner % size of factors], a product in binary64, but
  /// at least `least`, times unit; x has whole runs of `inner`, and has_values<double>().
  void scaled(const Contiguous<float>& x, const Contiguous<double>& factors, std::size_t inner,
              double least, double unit, Contiguous<float>& out) const {
    const auto count = static_cast<std::size_t>(x.size());
    const auto channels = static_cast<std::size_t>(factors.size());
    FEWBIT_CHECK(has_values<double>() && out.size() == x.size() && inner > 0 && channels > 0,
                 "{} numbers, {} factors", count, channels);
    const float* from = x.data();
    const double* by = factors.data();
    float* to = out.mutable_data();
    in_pieces(count, kPiece * 16, [&](std::size_t begin, std::size_t end) {
      std::vector<double> products(kScaledPiece), values(kScaledPiece);
      for (std::size_t at = begin; at < end;) {
        const std::size_t left_of_run = channels == 1 ? end - at : inner - at % inner;
        const std::size_t size = std::min({kScaledPiece, end - at, left_of_run});
        const double factor = by[at / inner % channels];
        for (std::size_t i = 0; i < size; ++i) {
          products[i] = static_cast<double>(from[at + i]) * factor;
        }
        wide_->run(products.data(), size, values.data());
        for (std::size_t i = 0; i < size; ++i) {
          to[at + i] = static_cast<float>(std::max(least, values[i]) * unit);
        }
        at += size;
      }
    });
  }

 private:
  template <typename Float>
  [[nodiscard]] const std::optional<arrays::Conversion<Float>>& table() const {
    if constexpr (sizeof(Float) == 4) {
      return narrow_;
    } else {
      return wide_;
    }
  }

  Format format_;
  OperatorSpec spec_;
  model::Projection projection_;
  std::optional<arrays::Conversion<float>> narrow_;
  std::optional<arrays::Conversion<double>> wide_;
};

/// The values of codes; an error where one is no double.
void decode(const Format& format, const Contiguous<std::uint64_t>& codes, Contiguous<double>& out) {
  const std::uint64_t* from = codes.data();
  double* to = out.mutable_data();
  const std::uint64_t mask = format.bits() == 64 ? ~0ULL : (1ULL << format.bits()) - 1;
  std::optional<std::uint64_t> bad;
  in_pieces(static_cast<std::size_t>(codes.size()), 4096, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end && !bad; ++i) {
      const auto value = arrays::exact<double>(model::decode(format, BigInt(from[i] & mask)));
      if (!value) bad = from[i];
      to[i] = value.value_or(0);
    }
  });
  if (bad) {
    throw RequestError{{"code", fmt::format("0x{:x} of {}", *bad, format.name()),
                        "codes whose values are doubles", ""}};
  }
}

py::dict run_operation(const arrays::Operation& operation,
                       const std::vector<Contiguous<std::uint64_t>>& operands,
                       const Contiguous<std::uint8_t>& first, std::size_t count) {
  std::vector<arrays::Operand> pointers;
  for (std::size_t port = 0; port < operands.size(); ++port) {
    const auto lanes = static_cast<std::size_t>(operation.ports().at(port).lanes);
    FEWBIT_CHECK(static_cast<std::size_t>(operands[port].size()) == count * lanes,
                 "{} codes for {} operations of {} lanes", operands[port].size(), count, lanes);
    pointers.push_back(operands[port].data());
  }
  FEWBIT_CHECK(pointers.size() == operation.ports().size(), "{} operands", pointers.size());
  FEWBIT_CHECK(!operation.spec().accumulates() || static_cast<std::size_t>(first.size()) == count,
               "{} marks for {} operations", first.size(), count);
  arrays::Results results;
  {
    const py::gil_scoped_release unlocked;
    results = operation.run(pointers, first.data(), count, interrupted);
  }
  throw_if_interrupted();
  const auto array = [](const auto& values) {
    using T = typename std::decay_t<decltype(values)>::value_type;
    return Contiguous<T>(static_cast<py::ssize_t>(values.size()), values.data());
  };
  return py::dict("result"_a = array(results.result), "nan"_a = array(results.nan),
                  "pinf"_a = array(results.pinf), "ninf"_a = array(results.ninf),
                  "scales"_a = array(results.scales));
}

template <typename To>
void run_pairs(const arrays::Operation& operation, const Contiguous<std::uint8_t>& a,
               const Contiguous<std::uint8_t>& b, Contiguous<To>& out) {
  FEWBIT_CHECK(a.size() == b.size() && a.size() == out.size(), "arrays of one size");
  const std::uint8_t* x = a.data();
  const std::uint8_t* y = b.data();
  To* to = out.mutable_data();
  in_pieces(static_cast<std::size_t>(a.size()), kPiece * 16,
            [&](std::size_t begin, std::size_t end) {
              operation.run_pairs(x + begin, y + begin, end - begin, to + begin);
            });
}

void run_dot(const arrays::DotProduct& dot, std::size_t lanes, const Contiguous<std::uint16_t>& a,
             const Contiguous<std::uint16_t>& b,
             const std::optional<Contiguous<std::uint64_t>>& random,
             Contiguous<std::uint64_t>& result, Contiguous<std::uint8_t>& flags) {
  const std::uint16_t* x = a.data();
  const std::uint16_t* y = b.data();
  std::uint64_t* to = result.mutable_data();
  std::uint8_t* marks = flags.mutable_data();
  const std::uint64_t* bits = random ? random->data() : nullptr;
  in_pieces(static_cast<std::size_t>(result.size()), std::max<std::size_t>(1, kPiece * 16 / lanes),
            [&](std::size_t begin, std::size_t end) {
              dot.run(x + begin * lanes, y + begin * lanes,
                      bits == nullptr ? nullptr : bits + begin, end - begin, to + begin,
                      marks + begin);
            });
}

void bind_formats(py::module_& m) {
  py::class_<Format>(m, "Format", "A number format by its name, as fewbit.Format.")
      .def(py::init([](const std::string& name) { return value_or_throw(parse_format(name)); }),
           "name"_a)
      .def_property_readonly("name", &Format::name)
      .def_property_readonly("bits", &Format::bits)
      .def_property_readonly("is_float", &Format::is_float)
      .def_property_readonly("is_signed", &Format::is_signed)
      .def_property_readonly("has_nan", &Format::has_nan)
      .def_property_readonly("has_infinity", &Format::has_infinity)
      .def_property_readonly("description", &Format::description)
      .def("__eq__", [](const Format& x, const Format& y) { return x == y; })
      .def("__hash__", [](const Format& x) { return py::hash(py::str(x.name())); })
      .def("__str__", &Format::name)
      .def("__reduce__",
           [](const Format& x) {
             return py::make_tuple(py::type::of<Format>(), py::make_tuple(x.name()));
           })
      .def("__repr__", [](const Format& x) { return "fewbit.Format('" + x.name() + "')"; });
  m.def("catalogue", [] {
    std::vector<std::tuple<Format, std::vector<std::string>, std::string>> rows;
    for (const CatalogueEntry& entry : format_catalogue()) {
      rows.emplace_back(entry.format, entry.aliases, entry.source);
    }
    return rows;
  });
}

void bind_conversions(py::module_& m) {
  py::class_<Converter>(m, "Converter")
      .def(py::init<const Format&, const std::map<std::string, std::string>&>())
      .def_property_readonly("has_table", &Converter::has_table)
      .def_property_readonly("random_bits", &Converter::random_bits)
      .def("has_values",
           [](const Converter& c, bool wide) {
             return wide ? c.has_values<double>() : c.has_values<float>();
           })
      .def("values", &Converter::values<float>, py::arg().noconvert(), py::arg().noconvert())
      .def("values", &Converter::values<double>, py::arg().noconvert(), py::arg().noconvert())
      .def("scaled", &Converter::scaled, py::arg().noconvert(), py::arg().noconvert(), py::arg(),
           py::arg(), py::arg(), py::arg().noconvert())
#define FEWBIT_CODES(Float, To)                                                             \
  .def("codes", &Converter::codes<Float, To>, py::arg().noconvert(), py::arg().noconvert(), \
       py::arg() = py::none())
          FEWBIT_CODES(float, std::uint8_t) FEWBIT_CODES(double, std::uint8_t)
              FEWBIT_CODES(float, std::uint16_t) FEWBIT_CODES(double, std::uint16_t)
                  FEWBIT_CODES(float, std::uint32_t) FEWBIT_CODES(double, std::uint32_t)
                      FEWBIT_CODES(float, std::uint64_t) FEWBIT_CODES(double, std::uint64_t);
#undef FEWBIT_CODES
  m.def("decode", &decode, "format"_a, "codes"_a, py::arg("out").noconvert());
}

void bind_operators(py::module_& m) {
  m.def("operators", [] {
    std::vector<std::tuple<std::string, std::string, std::string>> rows;
    for (const OperatorInfo& info : operator_table()) {
      rows.emplace_back(info.name, info.summary, info.contract);
    }
    return rows;
  });
  py::class_<arrays::Operation>(m, "Operation")
      .def(py::init([](const std::map<std::string, std::string>& options) {
        return value_or_throw(arrays::Operation::make(spec_of(options)));
      }))
      .def_property_readonly("command",
                             [](const arrays::Operation& o) { return o.spec().command(); })
      .def_property_readonly("format", &arrays::Operation::format)
      .def_property_readonly("accumulates",
                             [](const arrays::Operation& o) { return o.spec().accumulates(); })
      .def_property_readonly("lanes",
                             [](const arrays::Operation& o) { return output_lanes(o.spec()); })
      .def_property_readonly("block",
                             [](const arrays::Operation& o) {
                               const std::optional<BlockPort> block = block_port(o.spec());
                               return block ? block->name : std::string();
                             })
      .def_property_readonly("flags",
                             [](const arrays::Operation& o) {
                               const SpecialFlags flags = special_flags(o.spec());
                               return std::tuple(flags.nan, flags.pinf, flags.ninf);
                             })
      .def_property_readonly("has_table", &arrays::Operation::has_table)
      .def_property_readonly("has_pairs", &arrays::Operation::has_pairs)
      .def_property_readonly("ports",
                             [](const arrays::Operation& o) {
                               std::vector<std::tuple<std::string, Format, int>> rows;
                               for (const OperandPort& port : o.ports()) {
                                 rows.emplace_back(port.name, port.format, port.lanes);
                               }
                               return rows;
                             })
      .def("run", &run_operation)
      .def("run_pairs", &run_pairs<std::uint8_t>, py::arg().noconvert(), py::arg().noconvert(),
           py::arg().noconvert())
      .def("run_pairs", &run_pairs<std::uint16_t>, py::arg().noconvert(), py::arg().noconvert(),
           py::arg().noconvert());
  py::class_<arrays::DotProduct>(m, "DotProduct").def("run", &run_dot);
  m.def("dot_product", [](const std::map<std::string, std::string>& options) {
    return arrays::DotProduct::make(spec_of(options));
  });
}

}  // namespace
}  // namespace fewbit

PYBIND11_MODULE(_fewbit, m) {
  m.doc() = "The bit-exact model of fewbit; use the module fewbit.";
  static const py::exception<fewbit::RequestError> kRequestError(m, "RequestError",
                                                                 PyExc_ValueError);
  static const auto kExceptionOf = [](const fewbit::Error& error) {
    py::object exception = py::reinterpret_borrow<py::object>(kRequestError)(error.message());
    exception.attr("field") = error.field;
    exception.attr("value") = error.value;
    exception.attr("legal") = error.legal;
    exception.attr("detail") = error.detail;
    return exception;
  };
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const fewbit::RequestError& request) {
      PyErr_SetObject(kRequestError.ptr(), kExceptionOf(request.error).ptr());
    }
  });
  m.def("request_error", [](const std::string& field, const std::string& value,
                            const std::string& legal, const std::string& detail) {
    return kExceptionOf({field, value, legal, detail});
  });
  fewbit::bind_formats(m);
  fewbit::bind_conversions(m);
  fewbit::bind_operators(m);
  m.attr("__version__") = std::string(fewbit::release());
}
