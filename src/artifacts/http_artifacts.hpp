// Uploads to imgd, in pieces that go on where a broken connection left off.
#pragma once

#include "artifacts/artifacts.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace img::artifacts {

struct HttpArtifactsOptions {
    std::string url{};                              ///< Of imgd, as in http://imgd.example:8080/.
    std::string token{};                            ///< Which it lets in by.
    std::size_t piece_max = std::size_t{4} << 20;   ///< Bytes of a request: it is held in memory.
    std::size_t piece_min = std::size_t{64} << 10;  ///< They are halved on a bad line, down to it.
    unsigned tries = 6;                    ///< Of one piece, with longer and longer pauses.
    std::chrono::milliseconds pause{200};  ///< Before the second.
};

std::unique_ptr<ArtifactStore> http_artifacts(HttpArtifactsOptions options);

}  // namespace img::artifacts
