// Programs we start: the command as a value, and the one door through which it is run.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace img::system {

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

    bool operator==(const Command&) const = default;
};

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
