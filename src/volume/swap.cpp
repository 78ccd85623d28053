#include "volume/swap.hpp"

#include "base/byte_order.hpp"
#include "base/uuid.hpp"
#include "system/sparse_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <limits>

namespace img::volume {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::uint64_t kPagesMin = 10;
constexpr std::size_t kLabelMax = 15;  // sixteen with the NUL that mkswap and blkid want

}  // namespace

Result<std::string> swap_header(const Volume& volume) {
    TRY(check_label(volume, "swap", kLabelMax));
    TRY(check_uuid(volume));
    const std::uint64_t pages = std::min<std::uint64_t>(volume.size_bytes / kPage,
                                                        std::numeric_limits<std::uint32_t>::max());
    if (pages < kPagesMin) {
        return fail(Fault::invalid, fmt::format("{}: swap needs at least {} KiB, give it a size of "
                                                "1 MiB or more",
                                                volume.name, kPagesMin * kPage / 1024));
    }
    std::string page(kPage, '\0');
    put_le(page, 1024, std::uint32_t{1});  // version
    put_le(page, 1028, static_cast<std::uint32_t>(pages - 1));
    const Uuid uuid = TRY(parse_uuid(volume.uuid));
    std::ranges::copy(uuid.bytes, page.begin() + 1036);
    page.replace(1052, volume.label.size(), volume.label);
    page.replace(kPage - 10, 10, "SWAPSPACE2");
    return page;
}

Result<void> make_swap(const Volume& volume, const std::filesystem::path& file) {
    const std::string header = TRY(swap_header(volume));
    TRY(system::create_sparse(file, volume.size_bytes));
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    out << header;
    if (!out.flush()) {
        return fail(Fault::exhausted, fmt::format("write {}: is the disk full?", file.string()));
    }
    return {};
}

}  // namespace img::volume
