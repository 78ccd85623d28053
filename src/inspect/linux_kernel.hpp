// Kernels and initial ram disks, told by their first bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace img::inspect {

/// As much of a file as the functions below look at: the version's text lies in the first 64 KiB.
constexpr std::size_t kKernelHeadBytes = 64 * 1024;
constexpr std::size_t kPackingHeadBytes = 8;

/// A bzImage of x86, by the magic of the boot protocol.
bool is_kernel(std::string_view head);

/// "6.1.0-44-amd64"; empty: the header does not say, or it is no bzImage.
std::string kernel_version(std::string_view head);

/// "gzip", "xz", "zstd", "lz4", "lzo", "bzip2", "lzma", "cpio" (not packed); empty: something else.
std::string packing_of(std::string_view head);

/// "6.1.0-44-amd64" of "vmlinuz-6.1.0-44-amd64" or "initrd.img-6.1.0-44-amd64"; empty: none.
std::string version_in_name(std::string_view name);

/// Whether a file of that name is a kernel or an initial ram disk, as boot loaders name them.
bool is_kernel_name(std::string_view name);
bool is_initrd_name(std::string_view name);

}  // namespace img::inspect
