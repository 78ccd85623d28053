#include "artifacts/upload_message.hpp"

#include "base/json.hpp"
#include "base/printable.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace img::artifacts {
namespace {

using nlohmann::json;

constexpr std::uint64_t kSizesMax = std::uint64_t{1} << 62;
constexpr std::size_t kDigits = 64;  // of a SHA-256 in hexadecimal

bool is_digest(std::string_view text) {
    return text.size() == kDigits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<void> check(const std::vector<UploadFile>& files) {
    std::set<std::string_view> names;
    std::uint64_t total = 0;
    for (const auto& file : files) {
        if (!is_artifact_name(file.name) || !names.insert(file.name).second) {
            return fail(Fault::invalid, fmt::format("upload: \"{}\" is no name for an artefact, or "
                                                    "is there twice",
                                                    printable(file.name)));
        }
        if (!is_digest(file.sha256)) {
            return fail(Fault::invalid, fmt::format("upload: {}: no SHA-256", file.name));
        }
        total = file.size > kSizesMax - total ? kSizesMax : total + file.size;
    }
    if (files.size() > kFilesMax || total >= kSizesMax) {
        return fail(Fault::invalid,
                    fmt::format("upload: more than {} files, or too large a one", kFilesMax));
    }
    if (!names.contains(kManifest)) {
        return fail(Fault::invalid,
                    fmt::format("upload: there is no {} among the files", kManifest));
    }
    return {};
}

}  // namespace

std::string upload_path(std::string_view id, unsigned attempt) {
    return fmt::format("{}{}/{}", kUploadsPath, id, attempt);
}

std::string upload_path(std::string_view id,
                        unsigned attempt,
                        std::string_view file,
                        std::uint64_t offset) {
    return fmt::format("{}/files/{}?offset={}", upload_path(id, attempt),
                       http::percent_encode(file), offset);
}

std::string upload_publish_path(std::string_view id, unsigned attempt) {
    return upload_path(id, attempt) + "/publish";
}

std::string to_json(const std::vector<UploadFile>& files) {
    auto list = json::array();
    for (const auto& file : files) {
        list.push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256}});
    }
    return json{{"files", std::move(list)}}.dump();
}

Result<std::vector<UploadFile>> upload_files_from(std::string_view text) {
    std::vector<UploadFile> files;
    try {
        const auto object = json::parse(text);
        for (const auto& file : object.at("files")) {
            files.push_back({.name = file.at("name").get<std::string>(),
                             .size = number_at<std::uint64_t>(file, "size"),
                             .sha256 = file.at("sha256").get<std::string>()});
        }
    } catch (const json::exception& error) {
        return fail(Fault::invalid, fmt::format("upload: no list of files: {}", said_by(error)));
    } catch (const std::invalid_argument& error) {
        return fail(Fault::invalid, fmt::format("upload: no list of files: {}", error.what()));
    }
    TRY(check(files));
    return files;
}

std::string to_json(const UploadState& state) {
    return json{{"published", state.is_published}, {"there", state.there}}.dump();
}

Result<UploadState> upload_state_from(std::string_view text) {
    UploadState state;
    try {
        const auto object = json::parse(text);
        state.is_published = object.at("published").get<bool>();
        const auto& there = object.at("there");
        for (const auto& [file, size] : there.items()) {
            state.there[file] = number_at<std::uint64_t>(there, file.c_str());
        }
    } catch (const json::exception& error) {
        return fail(Fault::broken,
                    fmt::format("upload: the service's answer is none: {}", said_by(error)));
    } catch (const std::invalid_argument& error) {
        return fail(Fault::broken,
                    fmt::format("upload: the service's answer is none: {}", error.what()));
    }
    return state;
}

}  // namespace img::artifacts
