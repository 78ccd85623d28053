// The papers of an image: manifest.json, SHA256SUMS and the package list.
#pragma once

#include "base/result.hpp"
#include "engine/event.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace img::engine {

struct Artifact {
    std::string file;
    std::string type;  ///< "raw", "packages"
    std::uint64_t size_bytes = 0;
    std::string sha256;  ///< Empty: it is a folder.
};

struct StageTime {
    Stage stage = Stage::plan;
    double seconds = 0;
    std::string note;  ///< "solved before from the same indices", "174 of 174 packages cached"
};

struct Manifest {
    std::string name;
    std::string image_type;
    std::string architecture;
    std::int64_t epoch = 0;
    std::string kickstart_sha256;
    bool verified = true;  ///< Every package came from a signed index.
    std::uint64_t packages = 0;
    std::vector<Artifact> artifacts;  ///< The image first.
    std::vector<StageTime> stages;
    std::vector<std::string> warnings;
};

/// Fault::missing or broken: the file cannot be read.
Result<Artifact> describe(const std::filesystem::path& file, const std::string& type);

/// JSON as documented in docs/manifest.md; the keys are in a fixed order.
std::string manifest_json(const Manifest& manifest);

/// As `sha256sum -c` reads it.
std::string sha256sums(const std::vector<Artifact>& artifacts);

}  // namespace img::engine
