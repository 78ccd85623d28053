// The receiving end of uploads: files come in pieces, and are published when all are whole.
#pragma once

#include "artifacts/artifacts.hpp"
#include "artifacts/upload_message.hpp"
#include "base/result.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace img::artifacts {

struct UploadsOptions {
    std::filesystem::path www_root{};
    std::uint64_t file_max = std::uint64_t{1} << 40;     ///< Bytes of one file: 1 TiB.
    std::uint64_t disk_kept = std::uint64_t{256} << 20;  ///< Bytes that uploads leave free.
    unsigned publications_max = 2;  ///< At a time: each keeps a thread busy with digests.
};

/// An attempt of a job: the caller has seen to it that the job is there, is building, and that this
/// is its attempt. Nothing here would notice an attempt that was never made.
struct UploadKey {
    std::string id{};
    unsigned attempt = 1;
};

/// Files on their way lie in www_root/.incoming/<id>.<attempt>/, where a restart of imgd leaves
/// them. Safe to call from several threads.
///
/// From each of these: Fault::invalid: a newer attempt has begun, or the job is over;
/// Fault::missing: there is no such job; Fault::exhausted: no room; Fault::transient: try again,
/// from begin() on.
class Uploads {
public:
    explicit Uploads(UploadsOptions options);

    /// What is there of the files. Also sweeps: what nobody has sent to for a day, and what belongs
    /// to jobs that are over, goes.
    Result<UploadState> begin(const UploadKey& key, const std::vector<UploadFile>& files);

    /// The bytes take their place in the file; what lies between is a hole. Again is the same.
    Result<void> write(const UploadKey& key,
                       std::string_view file,
                       std::uint64_t offset,
                       std::string_view bytes);

    /// Compares sizes and digests, then publishes as file_artifacts() does. Doing it again changes
    /// nothing. A file that is not what it should be is thrown away: Fault::transient.
    Result<void> publish(const UploadKey& key, const std::vector<UploadFile>& files);

    /// Whether the job has these very files: whoever did not hear so the first time may ask again.
    bool is_published(const UploadKey& key, const std::vector<UploadFile>& files) const;

private:
    std::filesystem::path incoming(const UploadKey& key) const;
    void sweep() const;

    const UploadsOptions options_;
    const std::unique_ptr<ArtifactStore> published_;
    std::atomic<unsigned> publications_ = 0;
};

}  // namespace img::artifacts
