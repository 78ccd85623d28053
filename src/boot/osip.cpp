#include "boot/osip.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"

#include <cstdint>
#include <limits>

namespace img::boot {
namespace {

constexpr std::uint32_t kMagic = 0x24534f24;  // "$OS$"
constexpr std::size_t kEntryAt = 0x20;
constexpr std::uint16_t kHeaderBytes = 0x38;  // 0x20 and an entry of 0x18
constexpr std::size_t kZerosAt = 0x1b8;
constexpr std::size_t kSignatureAt = 510;
constexpr std::uint32_t kLoadAt = 0x01100000;   // where the stitched blob expects to be
constexpr std::uint32_t kEnterAt = 0x01101000;  // its bootstub
constexpr char kUnsignedKernel = 1;

std::string header(std::uint32_t sectors) {
    std::string bytes(kOsipBytes, '\0');
    bytes.replace(kHeaderBytes, kZerosAt - kHeaderBytes, kZerosAt - kHeaderBytes, '\xff');
    put_le(bytes, 0, kMagic);
    bytes[6] = 1;  // version 1.0
    bytes[8] = 1;  // pointers
    bytes[9] = 1;  // images
    put_le(bytes, 10, kHeaderBytes);
    put_le(bytes, kEntryAt + 4, std::uint32_t{1});  // the sector behind this one
    put_le(bytes, kEntryAt + 8, kLoadAt);
    put_le(bytes, kEntryAt + 12, kEnterAt);
    put_le(bytes, kEntryAt + 16, sectors);
    bytes[kEntryAt + 20] = kUnsignedKernel;
    std::uint8_t checksum = 0;
    for (std::size_t i = 0; i < kHeaderBytes; ++i) {
        checksum = static_cast<std::uint8_t>(checksum ^ static_cast<std::uint8_t>(bytes[i]));
    }
    bytes[7] = static_cast<char>(checksum);
    bytes.replace(kSignatureAt, 2, "\x55\xaa");
    return bytes;
}

}  // namespace

Result<std::string> with_osip(std::string_view blob) {
    const std::uint64_t padded = round_up(blob.size(), kOsipBytes);
    const std::uint64_t sectors = padded / kOsipBytes;
    if (blob.empty() || sectors > std::numeric_limits<std::uint32_t>::max()) {
        return fail(Fault::invalid, "a boot blob for OSIP is empty, or has 2 TiB or more");
    }
    std::string bytes = header(static_cast<std::uint32_t>(sectors));
    bytes += blob;
    bytes.resize(kOsipBytes + padded, '\xff');
    return bytes;
}

}  // namespace img::boot
