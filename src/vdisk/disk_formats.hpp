// The readers and writers of the table in virtual_disk.cpp, a pair of files for each format.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_file.hpp"
#include "vdisk/disk_source.hpp"
#include "vdisk/disk_target.hpp"

#include <cstdint>
#include <memory>

namespace img::vdisk {

/// Fault::invalid: the file contradicts itself, is damaged, or keeps part of the disk elsewhere.
Result<std::unique_ptr<DiskSource>> open_raw(DiskFile file);
Result<std::unique_ptr<DiskSource>> open_vdi(DiskFile file);
Result<std::unique_ptr<DiskSource>> open_vmdk(DiskFile file);
Result<std::unique_ptr<DiskSource>> open_qcow2(DiskFile file);
Result<std::unique_ptr<DiskSource>> open_vhd(DiskFile file);
Result<std::unique_ptr<DiskSource>> open_vhdx(DiskFile file);

/// Fault::invalid: the format has no room for so large a disk.
Result<void> check_vdi_size(std::uint64_t size_bytes);
Result<void> check_vmdk_size(std::uint64_t size_bytes);
Result<void> check_qcow2_size(std::uint64_t size_bytes);
Result<void> check_vhd_size(std::uint64_t size_bytes);
Result<void> check_vhdx_size(std::uint64_t size_bytes);

/// The disk fits (see check_size()), and the subformat is one of the format's; where
/// they fail, files are left for write_disk() to remove. Faults of the source and of DiskFile.
Result<WrittenDisk> write_raw(const DiskSource& source, const DiskTarget& target);
Result<WrittenDisk> write_vdi(const DiskSource& source, const DiskTarget& target);
Result<WrittenDisk> write_vmdk(const DiskSource& source, const DiskTarget& target);
Result<WrittenDisk> write_qcow2(const DiskSource& source, const DiskTarget& target);
Result<WrittenDisk> write_vhd(const DiskSource& source, const DiskTarget& target);
Result<WrittenDisk> write_vhdx(const DiskSource& source, const DiskTarget& target);

}  // namespace img::vdisk
