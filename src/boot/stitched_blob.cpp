#include "boot/stitched_blob.hpp"

#include "base/byte_order.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace img::boot {
namespace {

constexpr std::size_t kStubAt = 0x1000;

constexpr std::array kLayouts{
    BlobLayout{"2009", "Moorestown, bootstub 0.7 to 1.0, 2009 to October 2011"},
    BlobLayout{"2008", "Moorestown, bootstub 0.1 to 0.3, 2008", 256, false},
    BlobLayout{"2011", "Medfield, from October 2011", 512},
    BlobLayout{"medfield", "Medfield with Android, 2012", 1024, true, 0xff},
    BlobLayout{"merrifield", "Merrifield with Android, 2013: a stub of 8 KiB", 1024, true, 0xff,
               0x3000},
    BlobLayout{"2025", "today's fork of bootstub: a stub of 8 KiB and its font of 4 KiB", 1024,
               false, 0, 0x4000},
};

Result<std::string> checked_command_line(const BlobLayout& layout, std::string text) {
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    if (text.size() >= layout.size_fields) {
        return fail(Fault::invalid,
                    fmt::format("/boot/cmdline has {} bytes; the layout {} has room for {}",
                                text.size(), layout.name, layout.size_fields - 1));
    }
    if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
        return fail(Fault::invalid,
                    "/boot/cmdline holds a line end or another control character: it has to be "
                    "one line");
    }
    return text;
}

/// The kernel's boot protocol: 55 aa at the end of the boot sector, HdrS behind it.
bool is_bzimage(std::string_view kernel) {
    return kernel.size() > 0x206 && kernel.substr(0x1fe, 2) == "\x55\xaa" &&
           kernel.substr(0x202, 4) == "HdrS";
}

Result<void> check_parts(const BlobLayout& layout, const BlobParts& parts) {
    const std::size_t room = layout.kernel_at - kStubAt;
    if (parts.stub.empty() || parts.stub.size() > room) {
        return fail(Fault::invalid,
                    fmt::format("/boot/bootstub has {} bytes; the layout {} has room for 1 to {}",
                                parts.stub.size(), layout.name, room));
    }
    if (!is_bzimage(parts.kernel)) {
        return fail(Fault::invalid,
                    "/boot/bzImage is no bzImage: it lacks 55 AA at byte 510, or HdrS at 514");
    }
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    if (parts.initrd.empty() || parts.initrd.size() > kMost || parts.kernel.size() > kMost) {
        return fail(Fault::invalid, "/boot/initrd is empty, or it or the kernel has 4 GiB or more");
    }
    return {};
}

}  // namespace

std::span<const BlobLayout> blob_layouts() {
    return kLayouts;
}

std::optional<BlobLayout> find_blob_layout(std::string_view name) {
    const auto* const found = std::ranges::find(kLayouts, name, &BlobLayout::name);
    return found == kLayouts.end() ? std::nullopt : std::optional(*found);
}

Result<std::string> stitched_blob(const BlobLayout& layout, const BlobParts& parts) {
    const std::string command_line = TRY(checked_command_line(layout, parts.command_line));
    TRY(check_parts(layout, parts));
    std::string blob(layout.kernel_at, '\0');
    blob.replace(0, command_line.size(), command_line);
    put_le(blob, layout.size_fields, static_cast<std::uint32_t>(parts.kernel.size()));
    put_le(blob, layout.size_fields + 4, static_cast<std::uint32_t>(parts.initrd.size()));
    if (layout.with_options) {
        put_le(blob, layout.size_fields + 12, layout.controller);
    }
    blob.replace(kStubAt, parts.stub.size(), parts.stub);
    return blob + parts.kernel + parts.initrd;
}

}  // namespace img::boot
