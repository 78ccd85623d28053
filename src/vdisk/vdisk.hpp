// Files that hold a virtual disk, in the formats of VirtualBox, VMware, QEMU and Hyper-V.
//
// Knows how each format is read and written, sparse from end to end. Must never know what lies on
// the disk.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"
#include "vdisk/disk_target.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace img::vdisk {

enum class DiskFormat { raw, vdi, vmdk, qcow2, vhd, vhdx };

// The first is the usual one. Names are qemu-img's where it has one; it calls "compressed" -c.
inline constexpr std::array<std::string_view, 2> kVdiSubformats{"dynamic", "fixed"};
inline constexpr std::array<std::string_view, 3> kVmdkSubformats{
    "monolithicSparse", "streamOptimized", "monolithicFlat"};
inline constexpr std::array<std::string_view, 2> kQcow2Subformats{"plain", "compressed"};
inline constexpr std::array<std::string_view, 2> kVhdSubformats{"dynamic", "fixed"};
inline constexpr std::array<std::string_view, 2> kVhdxSubformats{"dynamic", "fixed"};

/// "vdi"; also the ending of its files.
std::string_view to_text(DiskFormat format);
/// Fault::invalid: no such format; the sentence lists those there are.
Result<DiskFormat> parse_disk_format(std::string_view name);

/// None: there is no choice.
std::span<const std::string_view> subformats(DiskFormat format);
/// `name`, or the usual one where it is empty. Fault::invalid: there is none of that name; the
/// sentence lists those there are.
Result<std::string_view> find_subformat(DiskFormat format, std::string_view name);

/// By what stands in the file, not by its name; what has no magic of the others is raw.
/// Fault::missing: there is no such file; Fault::invalid: it is no regular file, or is empty.
Result<DiskFormat> find_disk_format(const std::filesystem::path& file);

/// The disk in the file, whichever format that is. The file may come from strangers: whatever is
/// wrong with it is a sentence, and what it makes us allocate is bounded. A disk that needs a
/// second file (a parent, a backing file) is refused; a VMDK's extents are found beside it. Faults
/// of find_disk_format(); Fault::invalid: the file contradicts itself.
Result<std::unique_ptr<DiskSource>> open_disk(const std::filesystem::path& file);
/// As a disk of that format, whatever the file looks like.
Result<std::unique_ptr<DiskSource>> open_disk(const std::filesystem::path& file, DiskFormat format);

/// Fault::invalid: the format has no room for a disk of so many bytes.
Result<void> check_size(DiskFormat format, std::uint64_t size_bytes);
/// Fault::invalid: a VMDK cannot say that this is its file's name.
Result<void> check_vmdk_name(std::string_view name);

/// Streams the disk into a new file, in place of what was there; blocks of zeros are left out. The
/// same disk, seed and epoch give the same bytes. All formats but raw count in sectors, so that a
/// last part of one is filled up with zeros. Where it fails, nothing is left.
/// Fault::invalid: no such subformat, the disk has no bytes, or is too large for the format;
/// Fault::transient: a stop was requested; Fault::exhausted: the disk is full.
Result<WrittenDisk> write_disk(const DiskSource& source,
                               DiskFormat format,
                               const DiskTarget& target);

}  // namespace img::vdisk
