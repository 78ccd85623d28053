// Swap space: a header in its first page and nothing else, so we write it ourselves.
#pragma once

#include "base/result.hpp"
#include "volume/volume.hpp"

#include <filesystem>
#include <string>

namespace img::volume {

/// The first page (4 KiB) of swap space of volume.size_bytes, as mkswap writes it for x86:
/// version, last page, UUID and label from byte 1024 on, the magic in the last ten bytes
/// (linux/swap.h, union swap_header). Fault::invalid: a label over 15 bytes, no UUID, or fewer
/// than 10 pages, which the kernel refuses.
Result<std::string> swap_header(const Volume& volume);

/// A sparse file that starts with the header.
Result<void> make_swap(const Volume& volume, const std::filesystem::path& file);

}  // namespace img::volume
