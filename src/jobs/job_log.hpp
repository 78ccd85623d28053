// A job's log as one file that only grows, whatever becomes of the workers that write it.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace img::jobs {

/// Readers resume at a byte offset, so nothing in the file ever moves or goes: a second attempt
/// writes on under a line "--- attempt 2 ---". Where an attempt's own offset 0 lies in the file is
/// kept beside it, in ".<name>.log", so that it is known after a restart.
class JobLog {
public:
    /// Goes on where this attempt's log ends, or begins it.
    static Result<JobLog> open(const std::filesystem::path& file, unsigned attempt);

    /// `offset` counts the attempt's bytes. What is there already is dropped; where something is
    /// missing, a line says how much. Fault::exhausted: the disk is full; sending it again goes on
    /// where it broke off.
    Result<void> write(std::uint64_t offset, std::string_view text);

    /// The last words of the service, on lines of their own; twice is once.
    Result<void> close_with(std::string_view text);

private:
    JobLog(system::Fd file, std::filesystem::path path, unsigned attempt)
        : file_(std::move(file)), path_(std::move(path)), attempt_(attempt) {}

    Result<void> begin();
    Result<void> place(std::int64_t shift, std::int64_t notice_at);
    Result<void> append(std::string_view text);
    Result<bool> ends_with(std::string_view text) const;

    system::Fd file_;
    std::filesystem::path path_;
    unsigned attempt_;
    std::int64_t size_ = 0;   ///< Of the file.
    std::int64_t shift_ = 0;  ///< Place in the file less offset in the attempt's log.
};

}  // namespace img::jobs
