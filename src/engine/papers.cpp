#include "engine/papers.hpp"

#include "base/digest.hpp"
#include "kickstart/kickstart.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace img::engine {
namespace {

namespace fs = std::filesystem;
using system::write_file;

/// What scripts have laid beside the image, by name; the log is still being written.
Result<std::vector<std::string>> other_files(const fs::path& out,
                                             const std::vector<image::ImageFile>& files,
                                             const std::string& log) {
    std::vector<std::string> names;
    for (const auto& file : TRY(system::files_in(out))) {
        const auto name = file.filename().string();
        if (system::type_of(file) == fs::file_type::regular && name != log &&
            std::ranges::find(files, name, &image::ImageFile::name) == files.end()) {
            names.push_back(name);
        }
    }
    return names;
}

/// As md5sum -b prints it.
Result<void> write_md5sum(const fs::path& file) {
    constexpr std::array kKinds{DigestKind::md5};
    const auto digests = TRY(digest_file(file, kKinds));
    return write_file(file.string() + ".md5sum",
                      fmt::format("{} *{}\n", digests.front(), file.filename().string()));
}

/// MD5SUMS and SHA1SUMS, as a release has them beside SHA256SUMS.
Result<void> write_release_digests(const fs::path& out, const std::vector<Artifact>& artifacts) {
    constexpr std::array kKinds{DigestKind::md5, DigestKind::sha1};
    std::string md5;
    std::string sha1;
    for (const auto& artifact : artifacts) {
        if (!artifact.sha256.empty()) {
            const auto digests = TRY(digest_file(out / artifact.file, kKinds));
            md5 += fmt::format("{}  {}\n", digests[0], artifact.file);
            sha1 += fmt::format("{}  {}\n", digests[1], artifact.file);
        }
    }
    TRY(write_file(out / "MD5SUMS", md5));
    return write_file(out / "SHA1SUMS", sha1);
}

}  // namespace

Result<void> write_package_lists(const BuildRequest& request,
                                 const fs::path& out,
                                 Outcome& outcome) {
    const auto add = [&](std::string_view type, const std::string& text) -> Result<void> {
        const std::string name = fmt::format("{}.{}", request.name, type);
        outcome.files.push_back({name, std::string(type)});
        return write_file(out / name, text);
    };
    TRY(add("packages", package_list(outcome.packages, request.options.sources)));
    if (request.options.file_list) {
        TRY(add("files", file_list(outcome.packages)));
    }
    if (request.options.license_list) {
        TRY(add("license", license_list(outcome.packages)));
    }
    return {};
}

Result<void> write_papers(const Plan& plan,
                          const BuildRequest& request,
                          const fs::path& out,
                          Outcome outcome) {
    if (!request.options.release.empty()) {
        const std::string name = request.name + ".ks";
        // What the machine itself stands for, @DEBIAN_MIRROR@, stays a token.
        const std::string text = TRY(kickstart::replace_tokens(plan.kickstart, request.tokens));
        TRY(write_file(out / name, text));
        outcome.files.push_back({name, "kickstart"});
    }
    for (auto& name : TRY(other_files(out, outcome.files, request.name + ".log"))) {
        outcome.files.push_back({std::move(name), "file"});
    }
    Manifest manifest;
    manifest.name = request.name;
    manifest.image_type = request.image_type;
    manifest.architecture = plan.architecture;
    manifest.epoch = plan.epoch;
    manifest.kickstart_sha256 = sha256_hex(request.kickstart);
    manifest.verified = !plan.unverified;
    manifest.packages = outcome.packages.size();
    manifest.stages = std::move(outcome.stages);
    manifest.warnings = std::move(outcome.warnings);
    for (const auto& file : outcome.files) {
        manifest.artifacts.push_back(TRY(describe(out / file.name, file.type)));
    }
    if (request.options.md5) {
        for (const auto& artifact : manifest.artifacts) {
            if (!artifact.sha256.empty()) {
                TRY(write_md5sum(out / artifact.file));
            }
        }
    }
    if (!request.options.release.empty()) {
        TRY(write_release_digests(out, manifest.artifacts));
    }
    TRY(write_file(out / "SHA256SUMS", sha256sums(manifest.artifacts)));
    return write_file(out / "manifest.json", manifest_json(manifest));
}

}  // namespace img::engine
