#include "io/h5_types.hpp"

#include <fmt/format.h>

#include <array>

#include "kernels/error.hpp"

namespace npo::h5 {
namespace {

struct NumberType {
  Type type;
  std::size_t bytes;
  hid_t (*stored)();
  const char* name;
};

constexpr std::array<NumberType, 7> number_types{{
    {Type::u8, 1, [] { return H5T_STD_U8LE; }, "uint8"},
    {Type::u16, 2, [] { return H5T_STD_U16LE; }, "uint16"},
    {Type::u32, 4, [] { return H5T_STD_U32LE; }, "uint32"},
    {Type::u64, 8, [] { return H5T_STD_U64LE; }, "uint64"},
    {Type::i64, 8, [] { return H5T_STD_I64LE; }, "int64"},
    {Type::f32, 4, [] { return H5T_IEEE_F32LE; }, "float32"},
    {Type::f64, 8, [] { return H5T_IEEE_F64LE; }, "float64"},
}};

const NumberType& number_type(Type type) {
  return number_types.at(static_cast<std::size_t>(type));
}

}  // namespace

std::size_t size_of(Type type, std::size_t text_bytes) {
  return type == Type::text ? text_bytes : number_type(type).bytes;
}

Handle stored_type(Type type, std::size_t text_bytes) {
  if (type != Type::text) return {H5Tcopy(number_type(type).stored()), H5Tclose};
  Handle text(H5Tcopy(H5T_C_S1), H5Tclose);
  const bool set = text.valid() && H5Tset_size(text.get(), text_bytes) >= 0 &&
                   H5Tset_strpad(text.get(), H5T_STR_NULLPAD) >= 0 &&
                   H5Tset_cset(text.get(), H5T_CSET_UTF8) >= 0;
  if (!set)
    throw Error(ErrorKind::internal, fmt::format("HDF5 cannot make a text type of {} bytes", text_bytes));
  return text;
}

std::optional<FoundType> find_type(hid_t type) {
  if (H5Tget_class(type) == H5T_STRING) {
    const auto padding = H5Tget_strpad(type);
    if (H5Tis_variable_str(type) != 0) return std::nullopt;
    if (padding != H5T_STR_NULLPAD && padding != H5T_STR_NULLTERM) return std::nullopt;
    return FoundType{Type::text, H5Tget_size(type)};
  }
  for (const auto& known : number_types)
    if (H5Tequal(type, known.stored()) > 0) return FoundType{known.type, 0};
  return std::nullopt;
}

std::string type_name(Type type, std::size_t text_bytes) {
  return type == Type::text ? fmt::format("text of {} bytes", text_bytes) : number_type(type).name;
}

std::string describe_foreign(hid_t type) {
  const auto bits = 8 * H5Tget_size(type);
  const char* order = H5Tget_order(type) == H5T_ORDER_BE ? "big-endian " : "";
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return fmt::format("{}{}int{}", order, H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits);
    case H5T_FLOAT:
      return fmt::format("{}float{}", order, bits);
    case H5T_STRING:
      return H5Tis_variable_str(type) > 0 ? "variable-length text" : "space-padded text";
    case H5T_ENUM:
      return "an enum";
    case H5T_COMPOUND:
      return "a compound";
    case H5T_VLEN:
      return "variable-length data";
    case H5T_REFERENCE:
      return "references";
    default:
      return "another class of type";
  }
}

}  // namespace npo::h5
