// What the comments of a kickstart say about it: how a list of templates shows it, and mic's
// options.
#pragma once

#include "syntax/diagnostic.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstart {

/// `# -*-mic2-options-*- -f loop --pack-to=@NAME@.tar.gz -*-mic2-options-*-`: how mic and the
/// build services around it were told to build. Values are as written, none of them checked.
struct Mic2Options {
    std::string format{};                        ///< -f, --format: an image type of mic's.
    std::string architecture{};                  ///< -A, --arch
    std::vector<std::string> record_packages{};  ///< --record-pkgs: name, content, license, vcs.
    std::string pack_to{};                       ///< --pack-to, --taring-to
    std::string release{};                       ///< --release
    std::string name_prefix{};                   ///< -P, --prefix, --name-prefix
    std::optional<std::string> name_suffix{};  ///< -S, --suffix, --name-suffix; may be said empty.
    std::string compression{};                 ///< -Z, --compress-disk-image, --compress-image
    std::vector<std::string> others{};         ///< Words that none of these took, in their order.
    syntax::Location where{};

    bool operator==(const Mic2Options&) const = default;
};

/// Comments of the form `# Key: value`, wherever they stand; of two the first counts.
struct Metadata {
    std::string display_name{};                     ///< DisplayName
    std::string description{};                      ///< Description
    std::string kickstart_type{};                   ///< KickstartType
    std::string suggested_architecture{};           ///< SuggestedArchitecture
    std::string suggested_image_type{};             ///< SuggestedImageType
    std::vector<std::string> suggested_features{};  ///< SuggestedFeatures, with commas between.
    std::string device_model{};                     ///< DeviceModel
    std::string device_variant{};                   ///< DeviceVariant
    std::string brand{};                            ///< Brand
    std::optional<Mic2Options> mic2{};
    std::vector<syntax::Diagnostic> notes{};  ///< Of options that are kept and mean nothing here.
};

/// Takes any bytes, in linear time. `file` is for the notes.
Metadata read_metadata(std::string_view text, std::string_view file);

}  // namespace img::kickstart
