#include "image/virt_xml.hpp"

#include <fmt/format.h>

namespace img::image {
namespace {

constexpr unsigned kMemoryKib = 512 * 1024;

/// Text between quotes or tags.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '\'': out += "&apos;"; break;
            case '"': out += "&quot;"; break;
            default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}

/// The kernel's word for what Debian calls amd64; the others of ours are called alike by both.
std::string_view kernel_architecture(std::string_view architecture) {
    return architecture == "amd64" ? "x86_64" : architecture;
}

std::string drives(const VirtMachine& machine) {
    std::string text;
    for (std::size_t i = 0; i < machine.disks.size(); ++i) {
        text += fmt::format("      <drive disk='{}' target='{}'/>\n",
                            escaped(machine.disks[i].file), drive_name(i));
    }
    return text;
}

std::string storage(const VirtMachine& machine) {
    std::string text;
    for (const VirtDisk& disk : machine.disks) {
        text += fmt::format(
            "    <disk file='{}' use='system' format='{}'>\n"
            "      <checksum type='sha256'>{}</checksum>\n"
            "    </disk>\n",
            escaped(disk.file), escaped(disk.format), escaped(disk.sha256));
    }
    return text;
}

}  // namespace

std::string virt_xml(const VirtMachine& machine) {
    return fmt::format(
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        "<image>\n"
        "  <name>{}</name>\n"
        "  <domain>\n"
        "    <boot type='hvm'>\n"
        "      <guest>\n"
        "        <arch>{}</arch>\n"
        "      </guest>\n"
        "      <os>\n"
        "        <loader dev='hd'/>\n"
        "      </os>\n"
        "{}"
        "    </boot>\n"
        "    <devices>\n"
        "      <vcpu>1</vcpu>\n"
        "      <memory>{}</memory>\n"
        "      <interface/>\n"
        "      <graphics/>\n"
        "    </devices>\n"
        "  </domain>\n"
        "  <storage>\n"
        "{}"
        "  </storage>\n"
        "</image>\n",
        escaped(machine.name), escaped(kernel_architecture(machine.architecture)), drives(machine),
        kMemoryKib, storage(machine));
}

std::string drive_name(std::size_t number) {
    constexpr std::size_t kLetters = 26;
    std::string letters;
    for (std::size_t left = number + 1; left > 0; left = (left - 1) / kLetters) {
        letters.insert(letters.begin(), static_cast<char>('a' + (left - 1) % kLetters));
    }
    return "hd" + letters;
}

}  // namespace img::image
