// Programs we start: the command as a value, and the one door through which it is run.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace img::system {

/// What a program is told instead of the truth, so that it writes the same bytes each time: the
/// clock stands still, chance follows from a seed, folders are read in order of their names, and
/// a file has no other times than its modification. See src/steady/, which does it.
struct Steady {
    std::int64_t epoch = 0;           ///< The time it is, in seconds; no file is younger.
    std::string seed{};               ///< All that it draws at random follows from this.
    std::filesystem::path content{};  ///< Files below it are numbered by name; empty: none are.

    bool operator==(const Steady&) const = default;
};

/// Made by pure functions, compared in tests. There is no shell: arguments need no quoting.
struct Command {
    std::vector<std::string> argv{};  ///< argv[0] is looked up in PATH.
    /// "NAME=value", beside PATH, HOME, TERM and LC_ALL=C.UTF-8; nothing is inherited.
    std::vector<std::string> environment{};
    bool bare = false;                  ///< `environment` is all it gets, without those four.
    std::filesystem::path root{};       ///< chroot to it first; empty: stay.
    std::filesystem::path directory{};  ///< Working directory, inside root; empty: "/".
    std::string input{};                ///< Its standard input.
    bool captured = false;              ///< Standard output is the answer and stays out of the log.
    std::filesystem::path transcript{};  ///< A file that gets the log's lines too; empty: none.
    std::chrono::seconds timeout{600};   ///< Then the whole process group gets SIGKILL.
    std::optional<Steady> steady{};      ///< Of the machine's own programs only: not with `root`.

    bool operator==(const Command&) const = default;
};

/// "SOURCE_DATE_EPOCH=0": the clock of the tools that know it (reproducible-builds.org).
inline std::string source_date_epoch(std::int64_t epoch) {
    return "SOURCE_DATE_EPOCH=" + std::to_string(epoch);
}

/// How a command ended, whatever its exit status.
struct Finished {
    int status = 0;        ///< Exit status, or 128 + the signal's number, as a shell counts.
    std::string output{};  ///< Standard output, if it was captured.
    std::string tail{};    ///< The last lines of what went to the log.
};

/// The seam between deciding what to run and running it; tests hand in a recorder.
class CommandRunner {
public:
    virtual ~CommandRunner() = default;

    /// Waits for the command's end. Fault::missing: no such program; Fault::exhausted: past its
    /// timeout, or no process to be had.
    virtual Result<Finished> finish(const Command& command) = 0;

    /// The captured output of a command that exited 0. As finish(), and Fault::broken for any
    /// other exit, with its last lines.
    Result<std::string> run(const Command& command);
};

}  // namespace img::system
