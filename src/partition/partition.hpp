// How a disk is divided: its partition table, checked, and what is wrong with it.
//
// Knows GPT, msdos with logical partitions, and for chips of flash memory the volumes of UBI; every
// count and offset in them is bounded. Must never know what is done with a partition, nor write
// one.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace img::partition {

struct PartitionDescription {
    unsigned number = 0;  ///< As the kernel counts: logical ones of an msdos table from 5 on.
    std::uint64_t start_bytes = 0;
    std::uint64_t size_bytes = 0;
    std::string type{};                ///< GPT: the GUID, lower case; msdos: "0x83".
    std::string type_name{};           ///< "Linux root (x86-64)"; empty: not one that we know.
    std::string name{};                ///< GPT only.
    std::string uuid{};                ///< PARTUUID: GPT's unique GUID, or "1a2b3c4d-01".
    std::vector<std::string> flags{};  ///< "active", "legacy-boot", "read-only" and the like.

    std::uint64_t end_bytes() const { return start_bytes + size_bytes; }
};

struct TableDescription {
    std::string kind{};  ///< "gpt" or "msdos".
    std::string id{};    ///< GPT: the disk's GUID; msdos: "0x1a2b3c4d".
    unsigned sector_bytes = 512;
    std::vector<PartitionDescription> partitions{};
    std::vector<std::string> remarks{};  ///< What is wrong with the table, a sentence each.
};

/// GPT with sectors of 512 or 4096 bytes, from its copy if the main one is damaged; else msdos,
/// with logical partitions. Empty: the disk has neither. An Error: it cannot be read.
Result<std::optional<TableDescription>> read_partitions(const vdisk::DiskSource& disk);

/// The two kinds by themselves.
Result<std::optional<TableDescription>> read_gpt(const vdisk::DiskSource& disk,
                                                 unsigned sector_bytes);
Result<std::optional<TableDescription>> read_msdos(const vdisk::DiskSource& disk);

}  // namespace img::partition
