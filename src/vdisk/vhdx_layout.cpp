#include "vdisk/vhdx_layout.hpp"

#include "base/byte_order.hpp"
#include "base/crc32.hpp"
#include "disk/gpt.hpp"

namespace img::vdisk {

std::string vhdx_guid(const Uuid& id) {
    const auto raw = disk::guid_bytes(id);
    return {raw.begin(), raw.end()};
}

std::string vhdx_guid(std::string_view name) {
    return vhdx_guid(parse_uuid(name).value());  // names of this room, each a UUID
}

std::uint32_t vhdx_checksum(std::string_view bytes) {
    std::string counted(bytes);
    put_le(counted, kVhdxChecksumAt, std::uint32_t{0});
    return crc32c(counted);
}

}  // namespace img::vdisk
