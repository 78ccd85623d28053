// Any bytes as an image: described within bounds, in plain sentences, the same way twice; or
// refused with a sentence.
//
// An input is a list of sectors, each a number of two bytes and then 512 bytes of content, that are
// laid on a disk of zeros: an image's headers lie far apart, and what is between them says nothing.
// fuzz/pack_image.py makes such a list of an image. Archives are left to libarchive's own fuzzers:
// it asks for as much memory as a header of cpio says its name is long, before it finds that out.
#include "fuzz/fuzzing.hpp"
#include "inspect/describe_disk.hpp"
#include "inspect/description_json.hpp"
#include "inspect/description_text.hpp"
#include "tests/support/memory_disk.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

using img::fuzz::give_up;
using img::inspect::ImageDescription;
using img::testing::MemoryDisk;

namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kSectors = 2048;

MemoryDisk lay_out(std::string_view input) {
    std::string disk(kSectors * kSector, '\0');
    for (; input.size() > 2; input.remove_prefix(std::min(input.size(), 2 + kSector))) {
        const auto number = static_cast<unsigned char>(input[0]) |
                            static_cast<unsigned>(static_cast<unsigned char>(input[1])) << 8;
        const auto content = input.substr(2, kSector);
        disk.replace(number % kSectors * kSector, content.size(), content);
    }
    return MemoryDisk(std::move(disk));
}

void check_description(const ImageDescription& image) {
    const auto text = to_text(image, {.packages = true});
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = text.find('\n', begin);
        img::fuzz::check_sentence(text.substr(begin, end - begin));
        begin = end + 1;
    }
    const auto json = to_json(image).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (!nlohmann::json::accept(json)) {
        give_up("JSON that does not parse", json);
    }
    for (const auto& volume : image.volumes) {
        if (volume.file_system && volume.file_system->kind.empty()) {
            give_up("a file system without a kind", volume.place);
        }
    }
}

void describe(std::string_view input) {
    const auto disk = lay_out(input);
    ImageDescription image;
    const auto described = img::inspect::describe_disk(disk, {}, image);
    if (!described) {
        img::fuzz::check_sentence(described.error().message);
    }
    check_description(image);
    ImageDescription again;
    static_cast<void>(img::inspect::describe_disk(disk, {}, again).has_value());
    if (to_json(image) != to_json(again)) {
        give_up("the same bytes are described in another way", to_text(again, {}));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    describe(input);
    return 0;
}
