// Names and UUIDs in the bytes of disks; numbers are byte_order.hpp's.
#pragma once

#include "base/uuid.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace img {

/// The field of `size` bytes at `at` up to its first NUL, blanks at its end left out.
std::string text_at(std::string_view bytes, std::size_t at, std::size_t size);

/// The sixteen bytes at `at`, in the order in which a UUID is written; they are there:
/// std::out_of_range otherwise.
Uuid uuid_at(std::string_view bytes, std::size_t at);

}  // namespace img
