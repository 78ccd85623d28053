#include "vdisk/vmdk_sparse.hpp"

#include "base/byte_order.hpp"

namespace img::vdisk {

std::string print_vmdk_header(const VmdkHeader& header) {
    std::string bytes(kVmdkHeaderBytes, '\0');
    bytes.replace(0, 4, kVmdkMagic);
    put_le(bytes, 4, header.version);
    put_le(bytes, 8, header.flags);
    put_le(bytes, 12, header.sectors);
    put_le(bytes, 20, header.grain_sectors);
    put_le(bytes, 28, header.descriptor_at);
    put_le(bytes, 36, header.descriptor_sectors);
    put_le(bytes, 44, header.table_entries);
    put_le(bytes, 48, header.second_directory_at);
    put_le(bytes, 56, header.directory_at);
    put_le(bytes, 64, header.data_at);
    bytes.replace(73, 4, "\n \r\n");  // damaged by whatever copies it as text
    put_le(bytes, 77, static_cast<std::uint16_t>((header.flags & kCompressed) != 0 ? 1 : 0));
    return bytes;
}

VmdkHeader parse_vmdk_header(std::string_view bytes) {
    return {.version = get_le<std::uint32_t>(bytes, 4),
            .flags = get_le<std::uint32_t>(bytes, 8),
            .sectors = get_le<std::uint64_t>(bytes, 12),
            .grain_sectors = get_le<std::uint64_t>(bytes, 20),
            .descriptor_at = get_le<std::uint64_t>(bytes, 28),
            .descriptor_sectors = get_le<std::uint64_t>(bytes, 36),
            .table_entries = get_le<std::uint32_t>(bytes, 44),
            .second_directory_at = get_le<std::uint64_t>(bytes, 48),
            .directory_at = get_le<std::uint64_t>(bytes, 56),
            .data_at = get_le<std::uint64_t>(bytes, 64)};
}

}  // namespace img::vdisk
