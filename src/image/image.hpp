// Images of every type, made from one neutral recipe: a file for each type, a row in the table of
// image_type.cpp.
//
// Knows disks, volumes, boot loaders and the media that bring them together. Must never know
// kickstart or packages.
#pragma once

#include "base/result.hpp"
#include "boot/boot.hpp"
#include "disk/disk.hpp"
#include "image/compressor.hpp"
#include "system/command.hpp"
#include "volume/flash_geometry.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::image {

/// What whoever asks for an image may choose; each type takes what it knows.
struct ImageOptions {
    std::string subformat;  ///< "streamOptimized", one of ImageType::subformats; empty: the first.
    std::string volume_id;  ///< Of an ISO; empty: the image's name, cut to 32 characters.
    std::uint64_t persistence_bytes = 0;     ///< Of a live stick; 0: 512 MiB.
    bool shrink = false;                     ///< File systems as small as their content.
    bool virt_xml = false;                   ///< raw: a description for virt-image beside it.
    std::optional<Compressor> compressor{};  ///< Of tar and cpio, which take it while they write.
};

/// The chip that an image of flash memory is for.
struct FlashTarget {
    volume::FlashGeometry chip;
    std::string compressor;  ///< "lzo", "zlib", "zstd", "none"; empty: mkfs' usual one.
};

/// What an image is to hold, whatever its type.
struct ImageRecipe {
    std::string name;        ///< Of the artefacts: "<name>.iso".
    std::string seed;        ///< Identities follow from it: uuid_from(seed + " vdi").
    std::int64_t epoch = 0;  ///< SOURCE_DATE_EPOCH: every time stamp that is made, seconds.
    std::string architecture = "amd64";
    std::filesystem::path tree;  ///< What is mounted at "/"; all of it where Layout is tree.
    /// Layout tree: what is asked of the file system that holds it, where the type makes one; of
    /// size 0 where nobody said a size.
    disk::PartitionRecipe root;
    /// Layout disks: each with its partitions and their content. Layout volumes: one disk, whose
    /// partitions stand for the volumes, and whose sizes are theirs. Layout tree: none.
    std::vector<disk::DiskRecipe> disks;
    boot::BootMenu menu;               ///< Of a live medium; paths are those of the tree.
    std::filesystem::path media{};     ///< A live medium's further files; empty: none.
    std::string kernel_arguments;      ///< Without root=.
    std::optional<FlashTarget> flash;  ///< Where ImageType::file_system needs one.
    ImageOptions options;
};

/// An artefact that a writer has made.
struct ImageFile {
    std::string name;  ///< In Workshop::out; a folder's for type fs.
    std::string type;  ///< For the manifest: "raw", "bmap", "vmx".
    /// The image itself, or a part of it: what is compressed. Others describe it.
    bool principal = false;
};

struct ImageReport {
    std::vector<ImageFile> files{};       ///< The image itself first.
    std::uint64_t written_bytes = 0;      ///< The rest of it is holes.
    std::vector<std::string> warnings{};  ///< What could not be kept, a sentence each.
};

/// Hears of each step before it starts: bytes of content done, and in all (0: not known).
using Progress =
    std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes, std::string_view text)>;

/// Where an image is made, and who hears of it.
struct Workshop {
    system::CommandRunner& runner;
    std::filesystem::path scratch;  ///< For files on the way, best on tmpfs; absolute, left empty.
    std::filesystem::path out;      ///< Gets the artefacts, sparse; absolute.
    Progress progress{};
};

}  // namespace img::image
