// The hidden folder in which an image grows until it is whole.
#pragma once

#include "base/result.hpp"
#include "system/file_lock.hpp"

#include <filesystem>
#include <optional>
#include <utility>

namespace img::engine {

/// A hidden folder in the output folder, gone with its owner whatever happens in between; what a
/// killed build left there goes with the next one. The output folder goes too, if we made it and
/// nothing came to be in it.
class PartialFolder {
public:
    /// Fault::invalid: the output folder cannot be made or written.
    static Result<PartialFolder> in(const std::filesystem::path& output);
    PartialFolder(PartialFolder&& other) noexcept
        : path_(std::exchange(other.path_, {})),
          made_(std::exchange(other.made_, {})),
          lock_(std::move(other.lock_)) {}
    PartialFolder& operator=(PartialFolder&&) = delete;
    ~PartialFolder();

    std::filesystem::path out() const { return path_ / "out"; }
    std::filesystem::path work() const { return path_ / "work"; }

private:
    PartialFolder(std::filesystem::path path, std::filesystem::path made)
        : path_(std::move(path)), made_(std::move(made)) {}

    std::filesystem::path path_;
    std::filesystem::path made_;            ///< The output folder, if we made it.
    std::optional<system::FileLock> lock_;  ///< Says that the folder's owner is alive.
};

}  // namespace img::engine
