#include "image/mrst_disk.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"

#include <fmt/format.h>
#include <limits>

namespace img::image {
namespace {

constexpr std::uint64_t kHeads = 4;
constexpr std::uint64_t kTrack = 16;  // sectors
constexpr std::uint64_t kCylinder = kHeads * kTrack;
constexpr std::uint64_t kCylinderMax = 1023;  // ten bits
constexpr std::uint64_t kRootBytesMin = 4 * kMiB;
constexpr std::uint8_t kNoFileSystem = 0xda;  // "Non-FS data" of fdisk
constexpr std::uint8_t kLinux = 0x83;

/// Head, then sector (from 1) and the high bits of the cylinder, then its low bits. What lies
/// behind the last cylinder that can be said stands at its end.
void put_place(std::string& mbr, std::size_t at, std::uint64_t sector) {
    const bool far = sector / kCylinder > kCylinderMax;
    const std::uint64_t cylinder = far ? kCylinderMax : sector / kCylinder;
    const std::uint64_t head = far ? kHeads - 1 : sector / kTrack % kHeads;
    const std::uint64_t number = (far ? kTrack - 1 : sector % kTrack) + 1;
    mbr[at] = static_cast<char>(head);
    mbr[at + 1] = static_cast<char>(number | (cylinder >> 8) << 6);
    mbr[at + 2] = static_cast<char>(cylinder & 0xff);
}

void put_partition(
    std::string& mbr, std::size_t at, std::uint8_t type, std::uint64_t start, std::uint64_t end) {
    put_place(mbr, at + 1, start);
    mbr[at + 4] = static_cast<char>(type);
    put_place(mbr, at + 5, end - 1);
    put_le(mbr, at + 8, static_cast<std::uint32_t>(start));
    put_le(mbr, at + 12, static_cast<std::uint32_t>(end - start));
}

std::uint64_t root_start(std::uint64_t blob_bytes) {
    return round_up(MrstDisk::kBootStart + (blob_bytes + 511) / 512, kCylinder);
}

}  // namespace

std::uint64_t mrst_disk_bytes(std::uint64_t root_bytes, std::uint64_t blob_bytes) {
    return root_start(blob_bytes) * 512 + round_up(root_bytes, kCylinder * 512);
}

Result<MrstDisk> mrst_disk(std::uint64_t size_bytes, std::uint64_t blob_bytes) {
    const MrstDisk disk{.sectors = size_bytes / 512 / kCylinder * kCylinder,
                        .root_start = root_start(blob_bytes)};
    if (disk.sectors > std::numeric_limits<std::uint32_t>::max()) {
        return fail(Fault::invalid, fmt::format("a disk of {} is larger than the 2 TiB of an MBR",
                                                human_size(size_bytes)));
    }
    if (disk.sectors < disk.root_start + kRootBytesMin / 512) {
        return fail(Fault::invalid,
                    fmt::format("a disk of {} has no room for a root file system behind the boot "
                                "blob of {}: give part / a --size of {} or more",
                                human_size(size_bytes), human_size(blob_bytes),
                                (disk.root_bytes() + kRootBytesMin) / kMiB + 1));
    }
    return disk;
}

std::string mrst_mbr(const MrstDisk& disk, std::uint32_t signature) {
    std::string mbr(512, '\0');
    put_le(mbr, 440, signature);
    put_partition(mbr, 446, kNoFileSystem, MrstDisk::kBootStart, disk.root_start);
    put_partition(mbr, 462, kLinux, disk.root_start, disk.sectors);
    mbr.replace(510, 2, "\x55\xaa");
    return mbr;
}

}  // namespace img::image
