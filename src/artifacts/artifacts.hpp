// Where finished images go, so that others can fetch them: a folder, imgd, or an S3 bucket.
//
// Knows files and how they travel. Must never know how an image is made, nor what a page shows.
#pragma once

#include "base/result.hpp"
#include "jobs/job_queue.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace img::artifacts {

/// What jobs::Report::Done says of the files.
struct Published {
    std::uint64_t size = 0;  ///< Of all of them together, in bytes.
    std::string place{};     ///< As jobs::Job::place.
    std::string manifest{};  ///< manifest.json, where the service cannot read it itself.
};

/// How a publication is watched and ended.
struct Watch {
    std::stop_token stop{};
    /// Called now and then with bytes that are there and bytes in all; from the caller's thread.
    std::function<void(std::uint64_t done, std::uint64_t total)> meter{};

    void tell(std::uint64_t done, std::uint64_t total) const {
        if (meter) {
            meter(done, total);
        }
    }
};

/// Safe to call from several threads.
class ArtifactStore {
public:
    virtual ~ArtifactStore() = default;

    /// Publishes the files of `folder` as those of the job; after success `folder` is of no use.
    /// Only plain files with names that is_artifact_name() has nothing against are taken.
    /// manifest.json comes last: while it is there, all of it is there. Doing it again with the
    /// same files changes nothing. Fault::invalid: a newer attempt of the job has begun, or the job
    /// is over, and nothing was published; Fault::exhausted: no room there; Fault::transient: out
    /// of reach, or stopped: what was sent is not sent again next time.
    virtual Result<Published> publish(const jobs::BuildOrder& order,
                                      const std::filesystem::path& folder,
                                      const Watch& watch = {}) = 0;
};

/// www_root/<id> on this machine, on the same file system as the workers' folders: files are
/// synchronised and then renamed, so a reader sees a whole file or none.
std::unique_ptr<ArtifactStore> file_artifacts(std::filesystem::path www_root);

/// What may not stand in a URL, for command lines are read by all.
struct Secrets {
    std::filesystem::path token_file{};      ///< For http: the worker's token, one line.
    std::filesystem::path s3_credentials{};  ///< For s3: see read_s3_credentials(); may be empty.
};

/// file:FOLDER, http://HOST:PORT/ and https://… (uploads to imgd), or
/// s3://BUCKET/PREFIX?endpoint=URL&region=NAME. Nothing is asked of the place itself: it may be
/// away when a worker starts. Fault::invalid: not such a URL, or its secret is not there.
Result<std::unique_ptr<ArtifactStore>> open_artifact_store(const std::string& url,
                                                           const Secrets& secrets = {});

}  // namespace img::artifacts
