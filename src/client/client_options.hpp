// The command line of img-client, as values.
#pragma once

#include "base/result.hpp"

#include <string>
#include <variant>
#include <vector>

namespace img::client {

/// -a: send the file, and do not wait for the image.
struct Submission {
    std::string file{};        ///< A kickstart, or a configuration where it ends in .yaml or .yml.
    std::string type = "raw";  ///< The original's default.
    std::string name{};
    std::string email{};
    std::string overlay{};
    std::string architecture{};
    int priority = 0;
    bool is_fresh = false;
};

/// -p: how is the job?
struct Poll {
    std::string id{};
    bool waits = false;  ///< Until it is done or has failed.
};

struct Options {
    std::string broker{};  ///< Empty: as the environment says, else the original's default.
    std::variant<Submission, Poll> what{};
};

/// What is to be printed instead, because it was asked for: --help, --version.
struct Help {
    std::string text{};
};

/// Fault::invalid: a sentence on what is wrong with the command line.
Result<std::variant<Options, Help>> read_options(const std::vector<std::string>& arguments);

}  // namespace img::client
