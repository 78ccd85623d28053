#include "web/artifact_list.hpp"

#include "system/beneath.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace img::web {

namespace {

constexpr std::size_t kFilesMax = 1000;
constexpr std::size_t kManifestMax = 4 * 1024 * 1024;

std::string read_manifest(const std::filesystem::path& folder) {
    const auto file = system::open_beneath(folder, "manifest.json");
    struct stat facts{};
    if (!file || ::fstat(file->get(), &facts) != 0 ||
        facts.st_size > static_cast<off_t>(kManifestMax)) {
        return {};
    }
    std::string text(static_cast<std::size_t>(facts.st_size), '\0');
    const auto count = ::pread(file->get(), text.data(), text.size(), 0);
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
}

/// `lie_elsewhere`: files that are not in the folder are listed as the manifest has them.
void add_manifest(std::vector<api::Artifact>& artifacts,
                  const std::string& text,
                  bool lie_elsewhere) {
    const auto manifest = nlohmann::json::parse(text, nullptr, false);
    if (!manifest.is_object() || !manifest.contains("artifacts") ||
        !manifest.at("artifacts").is_array()) {
        return;
    }
    const auto text_of = [](const nlohmann::json& json, const char* key) {
        return json.contains(key) && json.at(key).is_string() ? json.at(key).get<std::string>()
                                                              : std::string();
    };
    const auto size_of = [](const nlohmann::json& json) {
        return json.contains("size") && json.at("size").is_number_unsigned()
                   ? json.at("size").get<std::uint64_t>()
                   : 0;
    };
    for (const auto& entry : manifest.at("artifacts")) {
        if (!entry.is_object()) {
            continue;
        }
        const auto found =
            std::ranges::find(artifacts, text_of(entry, "file"), &api::Artifact::name);
        if (found != artifacts.end()) {
            found->type = text_of(entry, "type");
            found->sha256 = text_of(entry, "sha256");
        } else if (lie_elsewhere && artifacts.size() < kFilesMax) {
            artifacts.push_back({.name = text_of(entry, "file"),
                                 .type = text_of(entry, "type"),
                                 .size = size_of(entry),
                                 .sha256 = text_of(entry, "sha256")});
        }
    }
}

}  // namespace

std::vector<api::Artifact> list_artifacts(const std::filesystem::path& folder,
                                          const jobs::Job& job) {
    std::vector<api::Artifact> artifacts;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end;
         !error && entry != end && artifacts.size() < kFilesMax; entry.increment(error)) {
        std::error_code gone;
        const auto name = entry->path().filename().string();
        const bool is_file =
            entry->symlink_status(gone).type() == std::filesystem::file_type::regular;
        const auto size = is_file ? entry->file_size(gone) : 0;
        if (is_file && !gone && !name.starts_with('.')) {
            artifacts.push_back({.name = name, .type = {}, .size = size, .sha256 = {}});
        }
    }
    const bool lie_elsewhere = !job.place.empty() && job.removed == jobs::Time{};
    add_manifest(artifacts, read_manifest(folder), lie_elsewhere);
    std::ranges::sort(artifacts, {}, &api::Artifact::name);
    return artifacts;
}

}  // namespace img::web
