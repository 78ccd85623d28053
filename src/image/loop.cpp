// loop: a bare file system for each part line but swap, and an XML file that lists them.
#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "image/bare_volume.hpp"
#include "image/types.hpp"
#include "system/draft.hpp"
#include "system/files.hpp"
#include "volume/make_volume.hpp"

#include <fmt/format.h>
#include <map>
#include <utility>

namespace img::image {
namespace {

using volume::FileSystem;

/// A part line and what becomes of it.
struct LoopPart {
    const disk::PartitionRecipe* recipe = nullptr;
    std::string label;             ///< Names the file, and the file system if it can hold it.
    std::uint64_t size_bytes = 0;  ///< Of the file, once it is made.

    std::string file() const { return label + ".img"; }
};

/// The reference's rule: the label; else the image's name for "/", the last part of the path for
/// others. A file system that is mounted nowhere is counted.
std::string default_label(const ImageRecipe& recipe,
                          const disk::PartitionRecipe& part,
                          std::size_t number) {
    if (!part.label.empty()) {
        return part.label;
    }
    if (part.name == "/") {
        return recipe.name;
    }
    const std::string last = std::filesystem::path(part.name).filename().string();
    return last.empty() ? fmt::format("{}-{}", recipe.name, number) : last;
}

std::vector<LoopPart> parts_of(const ImageRecipe& recipe) {
    std::vector<LoopPart> parts;
    std::size_t number = 0;
    for (const disk::DiskRecipe& disk : recipe.disks) {
        for (const disk::PartitionRecipe& part : disk.partitions) {
            ++number;
            if (part.file_system != FileSystem::swap && part.file_system != FileSystem::none) {
                parts.push_back({.recipe = &part, .label = default_label(recipe, part, number)});
            }
        }
    }
    return parts;
}

volume::Volume volume_of(const ImageRecipe& recipe, const LoopPart& part) {
    volume::Volume volume{.kind = part.recipe->file_system,
                          .name = part.recipe->name,
                          .size_bytes = round_up(part.recipe->size_bytes, kMiB),
                          .label = part.recipe->label,
                          .uuid = part.recipe->fs_uuid,
                          .epoch = recipe.epoch,
                          .options = part.recipe->mkfs_options,
                          .content = part.recipe->content};
    if (volume.label.empty()) {  // the file's name, where the file system has room for it
        volume.label = part.label;
        if (!volume::check_volume(volume)) {
            volume.label.clear();
        }
    }
    return volume;
}

Result<void> check_file_name(const LoopPart& part) {
    if (part.label.find('/') == std::string::npos && !part.label.starts_with('.')) {
        return {};
    }
    return fail(Fault::invalid,
                fmt::format("part {}: a file of type loop is called as its label, and '{}' is no "
                            "file name; give it a --label without / and no dot in front",
                            part.recipe->name, printable(part.label)));
}

/// XML 1.0, section 2.4: what an attribute in quotes cannot hold as it is.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

/// As the reference writes it: a "partition" for each image, its size in MiB.
std::string xml(const ImageRecipe& recipe, const std::vector<LoopPart>& parts) {
    std::string text =
        fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<image arch=\"{}\">\n",
                    escaped(recipe.architecture));
    for (const LoopPart& part : parts) {
        text += fmt::format(
            "  <partition mountpoint=\"{}\" label=\"{}\" name=\"{}\" size=\"{}\" fstype=\"{}\" "
            "extopts=\"{}\" uuid=\"{}\"/>\n",
            escaped(part.recipe->name), escaped(part.label), escaped(part.file()),
            round_up(part.size_bytes, kMiB) / kMiB, to_text(part.recipe->file_system),
            escaped(join(part.recipe->mkfs_options, " ")), escaped(part.recipe->fs_uuid));
    }
    return text + "</image>\n";
}

}  // namespace

Result<void> check_loop(const ImageRecipe& recipe) {
    std::map<std::string, std::string> taken;  // label → mount point
    for (const LoopPart& part : parts_of(recipe)) {
        TRY(check_file_name(part));
        const auto [other, is_new] = taken.emplace(part.label, part.recipe->name);
        if (!is_new) {
            return fail(Fault::invalid,
                        fmt::format("part {} and part {} would both be the file {}; give one of "
                                    "them another --label",
                                    other->second, part.recipe->name, printable(part.file())));
        }
    }
    if (taken.empty()) {
        return fail(Fault::invalid, "type loop needs a part line with a file system");
    }
    return {};
}

Result<ImageReport> make_loop(const Workshop& workshop, const ImageRecipe& recipe) {
    TRY(check_loop(recipe));
    ImageReport report;
    std::vector<LoopPart> parts = parts_of(recipe);
    std::vector<std::unique_ptr<system::Draft>> drafts;
    for (LoopPart& part : parts) {
        drafts.push_back(std::make_unique<system::Draft>(workshop.out / part.file()));
        auto made = TRY(write_bare_volume(workshop, volume_of(recipe, part), part.file(),
                                          recipe.options.shrink));
        part.size_bytes = made.size_bytes;
        report.written_bytes += made.written_bytes;
        report.files.push_back({part.file(), "loop", true});
        std::ranges::move(made.warnings, std::back_inserter(report.warnings));
    }
    const std::string list = recipe.name + ".xml";
    TRY(system::write_file(workshop.out / list, xml(recipe, parts)));
    report.files.push_back({list, "xml"});
    for (const auto& draft : drafts) {
        draft->keep();
    }
    return report;
}

}  // namespace img::image
