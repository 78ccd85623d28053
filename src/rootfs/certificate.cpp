#include "rootfs/certificate.hpp"

#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"

#include <algorithm>

namespace img::rootfs {
namespace {

using tree::in_quotes;
using tree::is_one_line;
using tree::refuse;
using tree::Tree;

/// The folders from which a distribution's tool makes its bundle.
struct Bundle {
    std::string_view folder;
    const char* program;
};
constexpr Bundle kBundles[] = {
    {"/usr/local/share/ca-certificates", "/usr/sbin/update-ca-certificates"},
    {"/etc/pki/ca-trust/source/anchors", "/usr/bin/update-ca-trust"},
};

/// Where the tree keeps the certificates of authorities that its owner trusts.
std::string_view trusted_folder(const Tree& tree) {
    for (const auto& bundle : kBundles) {
        if (tree.is_program(bundle.program)) {
            return bundle.folder;
        }
    }
    return kBundles[0].folder;
}

bool climbs(const std::filesystem::path& path) {
    return std::ranges::find(path, "..") != path.end();
}

}  // namespace

Result<void> write_certificates(system::CommandRunner& runner,
                                const Tree& tree,
                                std::vector<kickstart::Certificate> certificates) {
    for (auto& certificate : certificates) {
        if (certificate.folder.empty()) {
            certificate.folder = trusted_folder(tree);
        }
        const std::string what = "%certificate --filename=" + certificate.file_name;
        const std::filesystem::path folder =
            std::filesystem::path(certificate.folder).lexically_normal();
        if (certificate.file_name.empty() || certificate.file_name == "." ||
            certificate.file_name == ".." || certificate.file_name.contains('/') ||
            !is_one_line(certificate.file_name)) {
            return refuse(what, certificate.where, "the name of a file, without a folder");
        }
        if (!folder.is_absolute() || climbs(certificate.folder) ||
            !is_one_line(certificate.folder)) {
            return refuse(what, certificate.where,
                          fmt::format("--dir={} is not a folder of the image, as /etc/ssl/certs is",
                                      in_quotes(certificate.folder)));
        }
        TRY(tree.write(folder / certificate.file_name, certificate.body));
    }
    for (const auto& bundle : kBundles) {
        const bool touched = std::ranges::any_of(certificates, [&](const auto& certificate) {
            return certificate.folder.starts_with(bundle.folder);
        });
        if (touched && tree.is_program(bundle.program)) {
            TRY(runner.run({.argv = {bundle.program}, .root = tree.folder()}));
        }
    }
    return {};
}

}  // namespace img::rootfs
