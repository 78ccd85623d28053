#include "vdisk/vmdk_descriptor.hpp"

#include "base/byte_order.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace img::vdisk {
namespace {

constexpr std::size_t kExtentsMax = 512;  // each is an open file; 2 GB each makes 1 TB
constexpr std::uint64_t kSectorsMax = std::uint64_t{1} << 43;  // 4 PiB, far from any overflow
constexpr std::string_view kNoParent = "ffffffff";

std::string_view to_text(VmdkExtent::Kind kind) {
    switch (kind) {
        case VmdkExtent::Kind::flat: return "FLAT";
        case VmdkExtent::Kind::sparse: return "SPARSE";
        case VmdkExtent::Kind::zero: return "ZERO";
    }
    return "FLAT";
}

constexpr std::size_t kQuotedMax = 80;

/// The beginning of what a stranger wrote, in ASCII: it need not be UTF-8, nor short.
std::string quoted(std::string_view text) {
    std::string out;
    for (const char letter : text.substr(0, kQuotedMax)) {
        const auto code = static_cast<unsigned char>(letter);
        out +=
            code >= 0x20 && code < 0x7f ? std::string(1, letter) : fmt::format("\\x{:02x}", code);
    }
    return text.size() > kQuotedMax ? out + "…" : out;
}

std::string without_quotes(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    return std::string(text);
}

Result<std::uint64_t> sectors_of(std::string_view word, std::string_view line) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size() || value > kSectorsMax) {
        return fail(Fault::invalid, fmt::format("'{}' is no number of sectors, in its line '{}'",
                                                quoted(word), quoted(line)));
    }
    return value;
}

Result<VmdkExtent::Kind> kind_of(std::string_view word, std::string_view line) {
    for (const auto kind :
         {VmdkExtent::Kind::flat, VmdkExtent::Kind::sparse, VmdkExtent::Kind::zero}) {
        if (word == to_text(kind)) {
            return kind;
        }
    }
    if (word == "VMFS") {  // what ESX calls a flat one
        return VmdkExtent::Kind::flat;
    }
    return fail(Fault::invalid,
                fmt::format("an extent of kind '{}' needs VMware to be read, in its line '{}'",
                            quoted(word), quoted(line)));
}

/// The quoted name in the line, blanks and all. It must not lead out of the folder.
Result<std::string> file_of(std::string_view line) {
    const auto from = line.find('"');
    const auto to = line.rfind('"');
    const std::string name(from < to ? line.substr(from + 1, to - from - 1) : "");
    if (name.empty() || name == "." || name == ".." ||
        name.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
        return fail(Fault::invalid,
                    fmt::format("an extent lies in a file of the same folder, and '{}' names none",
                                quoted(line)));
    }
    return name;
}

Result<VmdkExtent> parse_extent(std::string_view line) {
    const auto words = split(line.substr(0, line.find('"')), " \t");
    if (words.size() < 3) {
        return fail(Fault::invalid, fmt::format("'{}' is no extent", quoted(line)));
    }
    VmdkExtent extent;
    extent.sectors = TRY(sectors_of(words[1], line));
    extent.kind = TRY(kind_of(words[2], line));
    if (extent.kind == VmdkExtent::Kind::zero) {
        return extent;
    }
    extent.file = TRY(file_of(line));
    const auto rest = trim(line.substr(line.rfind('"') + 1));
    if (!rest.empty()) {
        extent.first_sector = TRY(sectors_of(rest.substr(0, rest.find(' ')), line));
    }
    return extent;
}

bool is_extent(std::string_view line) {
    return std::ranges::any_of(
        std::initializer_list<std::string_view>{"RW ", "RDONLY ", "NOACCESS "},
        [&](std::string_view access) { return line.starts_with(access); });
}

}  // namespace

Result<VmdkDescriptor> parse_vmdk_descriptor(std::string_view text) {
    VmdkDescriptor descriptor;
    text = text.substr(0, text.find('\0'));  // inside a sparse file it is padded with zeros
    for (const std::string& raw : split(text, "\r\n")) {
        const std::string_view line = trim(raw);
        const auto equals = line.find('=');
        if (is_extent(line)) {
            descriptor.extents.push_back(TRY(parse_extent(line)));
            if (descriptor.extents.size() > kExtentsMax) {
                return fail(Fault::invalid,
                            fmt::format("it has more than {} extents", kExtentsMax));
            }
        } else if (equals != std::string_view::npos) {
            const std::string_view key = trim(line.substr(0, equals));
            const std::string value = without_quotes(trim(line.substr(equals + 1)));
            if (key == "createType") {
                descriptor.create_type = value;
            } else if (key == "parentCID") {
                descriptor.has_parent = value != kNoParent;
            }
        }
    }
    return descriptor;
}

std::string print_vmdk_descriptor(const NewVmdk& disk) {
    // A content id of all ones would mean "none".
    const auto content_id =
        get_be<std::uint32_t>(std::string_view(reinterpret_cast<const char*>(disk.id.bytes.data()),
                                               disk.id.bytes.size()),
                              0) &
        0x7fffffffU;
    std::string long_id = disk.modification.text();
    std::erase(long_id, '-');
    const VmdkExtent& extent = disk.extent;
    // A disk on an IDE or SATA bus: 16 heads, 63 sectors, 16383 cylinders at most (ATA-6, 6.2).
    const auto cylinders = std::min<std::uint64_t>(extent.sectors / (16 * 63), 16383);
    return fmt::format(
        "{}\nversion=1\nencoding=\"UTF-8\"\nCID={:08x}\nparentCID={}\ncreateType=\"{}\"\n\n"
        "# Extent description\nRW {} {} \"{}\"{}\n\n"
        "# The Disk Data Base\n#DDB\n\n"
        "ddb.virtualHWVersion = \"10\"\nddb.adapterType = \"ide\"\n"
        "ddb.geometry.cylinders = \"{}\"\nddb.geometry.heads = \"16\"\n"
        "ddb.geometry.sectors = \"63\"\nddb.longContentID = \"{}\"\n"
        "ddb.uuid.image = \"{}\"\nddb.uuid.modification = \"{}\"\n",
        kVmdkDescriptorMagic, content_id, kNoParent, disk.create_type, extent.sectors,
        to_text(extent.kind), extent.file, extent.kind == VmdkExtent::Kind::flat ? " 0" : "",
        cylinders, long_id, disk.id.text(), disk.modification.text());
}

}  // namespace img::vdisk
