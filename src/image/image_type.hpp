// The image types there are, and the sentence for one there is not.
#pragma once

#include "base/result.hpp"
#include "image/image.hpp"

#include <span>
#include <string_view>

namespace img::image {

/// What a type is made from, and so what is planned for it.
enum class Layout {
    disks,    ///< Partitioned disks with a boot loader; each partition grows in its own folder.
    volumes,  ///< A file system for each part line, by itself; no boot loader.
    tree,     ///< One tree: mount points are folders of it, part lines only say sizes.
};

/// The same recipe, tree and content give the same bytes, whenever and wherever it is made. Where
/// it fails it leaves nothing in scratch or out. Faults: Fault::invalid: the recipe cannot be made
/// into this, or content does not fit; Fault::missing: a tool is not installed, or a file that the
/// type needs is not in the tree; Fault::exhausted: the disk is full.
using MakeImage = Result<ImageReport> (*)(const Workshop&, const ImageRecipe&);

/// A row of `img types`.
struct ImageType {
    std::string_view name;
    std::string_view what;  ///< One line for people.
    Layout layout;
    MakeImage make;
    std::span<const std::string_view>
        subformats{};  ///< The first is the usual one; none: no choice.
    bool live =
        false;  ///< Starts from a medium that is never written: the tree needs a live system.
    /// What its file systems are, whatever part lines say; none: what they say. ubifs and jffs2
    /// need ImageRecipe::flash.
    volume::FileSystem file_system = volume::FileSystem::none;
    bool in_place = false;  ///< The tree is the artefact: it grows as Workshop::out / recipe.name.
    /// What can be refused before there is any content; null: nothing. Growing partitions may
    /// still be smaller than they will be, and all identities are there.
    Result<void> (*check)(const ImageRecipe&) = nullptr;
    /// What of the options can be refused; null: nothing.
    Result<void> (*check_options)(const ImageOptions&) = nullptr;
};

/// In the order in which they are offered.
std::span<const ImageType> image_types();

/// Fault::invalid: no such type; the sentence names the nearest one, or all.
Result<ImageType> find_image_type(std::string_view name);

/// Fault::invalid: the type has no such subformat; the sentence names those there are. None asked
/// for (empty) is always right.
Result<void> check_subformat(const ImageType& type, std::string_view subformat);

/// Fault::invalid: one of the options has a value that cannot be of this type, the subformat
/// included.
Result<void> check_options(const ImageType& type, const ImageOptions& options);

}  // namespace img::image
