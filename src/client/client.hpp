// img-client: the original's command-line client, in its words, over AMQP.
//
// Knows the flags, what is printed and the exit codes. Must never know how a job is stored or
// built: like any stranger it speaks only with the broker.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace img::client {

/// Where it reads and writes, or what a test puts in its place.
struct Surroundings {
    std::ostream& out;  ///< Results: the id alone on its last line, or the status.
    std::ostream& err;  ///< Sentences about what went wrong.
    std::function<std::string(const char*)> variable;  ///< Environment; "" where it is not set.
};

/// The program: 0 done, 1 the request is wrong, 2 usage, 3 no such job, 4 not yet, 6 it failed.
int run(const std::vector<std::string>& arguments, const Surroundings& surroundings);

/// With the process's own streams and environment.
int run(int argc, char** argv);

}  // namespace img::client
