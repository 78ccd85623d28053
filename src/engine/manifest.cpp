#include "engine/manifest.hpp"

#include "base/digest.hpp"
#include "system/files.hpp"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace img::engine {

using nlohmann::ordered_json;

namespace {

/// Of all regular files in it, each by its length.
std::uint64_t folder_size(const std::filesystem::path& folder, std::error_code& error) {
    std::uint64_t bytes = 0;
    using Walk = std::filesystem::recursive_directory_iterator;
    for (Walk entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->symlink_status(error).type() == std::filesystem::file_type::regular) {
            const auto size = entry->file_size(error);
            bytes += error ? 0 : size;
        }
        if (error) {
            break;  // increment() would forget it
        }
    }
    return bytes;
}

}  // namespace

Result<Artifact> describe(const std::filesystem::path& file, const std::string& type) {
    std::error_code error;
    if (system::is_folder(file)) {
        const auto size = folder_size(file, error);
        if (error) {
            return fail(Fault::broken, fmt::format("{}: {}", file.string(), error.message()));
        }
        return Artifact{file.filename().string(), type, size, ""};
    }
    const auto size = std::filesystem::file_size(file, error);
    if (error) {
        return fail(Fault::missing, fmt::format("{}: {}", file.string(), error.message()));
    }
    return Artifact{file.filename().string(), type, size, TRY(sha256_file(file))};
}

std::string manifest_json(const Manifest& manifest) {
    ordered_json artifacts = ordered_json::array();
    for (const auto& artifact : manifest.artifacts) {
        artifacts.push_back({{"file", artifact.file},
                             {"type", artifact.type},
                             {"size", artifact.size_bytes},
                             {"sha256", artifact.sha256}});
    }
    ordered_json stages = ordered_json::array();
    for (const auto& stage : manifest.stages) {
        ordered_json one{{"stage", to_text(stage.stage)},
                         {"seconds", std::round(stage.seconds * 1000) / 1000}};
        if (!stage.note.empty()) {
            one["note"] = stage.note;
        }
        stages.push_back(std::move(one));
    }
    const ordered_json document{
        {"format", 1},
        {"name", manifest.name},
        {"type", manifest.image_type},
        {"architecture", manifest.architecture},
        {"image", manifest.artifacts.empty() ? std::string() : manifest.artifacts.front().file},
        {"epoch", manifest.epoch},
        {"kickstart_sha256", manifest.kickstart_sha256},
        {"verified_inputs", manifest.verified},
        {"packages", manifest.packages},
        {"artifacts", artifacts},
        {"stages", stages},
        {"warnings", manifest.warnings}};
    return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string sha256sums(const std::vector<Artifact>& artifacts) {
    std::string text;
    for (const auto& artifact : artifacts) {
        if (!artifact.sha256.empty()) {
            text += fmt::format("{}  {}\n", artifact.sha256, artifact.file);
        }
    }
    return text;
}

}  // namespace img::engine
