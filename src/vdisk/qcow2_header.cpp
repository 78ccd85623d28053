#include "vdisk/qcow2_header.hpp"

#include "base/byte_order.hpp"

namespace img::vdisk {
namespace {

constexpr std::uint32_t kCountBits = 4;  // 2^4 bits for each count

}  // namespace

std::string print_qcow2_header(const Qcow2Header& header) {
    // Eight zero bytes behind it end the list of extensions.
    std::string bytes(kQcow2HeaderBytes + 8, '\0');
    bytes.replace(0, 4, kQcow2Magic);
    put_be(bytes, 4, header.version);
    put_be(bytes, 8, header.backing_name_at);
    put_be(bytes, 20, header.cluster_bits);
    put_be(bytes, 24, header.size_bytes);
    put_be(bytes, 32, header.encryption);
    put_be(bytes, 36, header.l1_entries);
    put_be(bytes, 40, header.l1_at);
    put_be(bytes, 48, header.counts_table_at);
    put_be(bytes, 56, header.counts_table_clusters);
    put_be(bytes, 72, header.features);
    put_be(bytes, 96, kCountBits);
    put_be(bytes, 100, static_cast<std::uint32_t>(kQcow2HeaderBytes));
    put_be(bytes, 104, header.compression);
    return bytes;
}

Qcow2Header parse_qcow2_header(std::string_view bytes) {
    Qcow2Header header{.version = get_be<std::uint32_t>(bytes, 4),
                       .backing_name_at = get_be<std::uint64_t>(bytes, 8),
                       .cluster_bits = get_be<std::uint32_t>(bytes, 20),
                       .size_bytes = get_be<std::uint64_t>(bytes, 24),
                       .encryption = get_be<std::uint32_t>(bytes, 32),
                       .l1_entries = get_be<std::uint32_t>(bytes, 36),
                       .l1_at = get_be<std::uint64_t>(bytes, 40),
                       .counts_table_at = get_be<std::uint64_t>(bytes, 48),
                       .counts_table_clusters = get_be<std::uint32_t>(bytes, 56)};
    if (header.version >= 3) {
        header.features = get_be<std::uint64_t>(bytes, 72);
        header.compression = (header.features & kQcow2OtherCompression) != 0
                                 ? get_be<std::uint8_t>(bytes, 104)
                                 : std::uint8_t{0};
    }
    return header;
}

}  // namespace img::vdisk
