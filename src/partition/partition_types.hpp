// What the types of partitions are called.
#pragma once

#include <cstdint>
#include <string_view>

namespace img::partition {

/// Of a GPT type GUID in lower case; empty: not one that we know.
std::string_view gpt_type_name(std::string_view guid);

/// Of the type byte of a record in an MBR; empty: not one that we know.
std::string_view msdos_type_name(std::uint8_t type);

/// Whether partitions of that type hold a chain of logical ones.
bool is_extended(std::uint8_t type);

}  // namespace img::partition
