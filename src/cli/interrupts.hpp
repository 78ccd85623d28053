// Turns Ctrl-C and its kin into a stop request, for verbs that have something to clean up.
#pragma once

#include <stop_token>
#include <thread>

namespace img::cli {

/// Owns the process's handlers of SIGINT, SIGTERM and SIGHUP while it lives; one at a time.
/// The signals are caught and not blocked, because a blocked signal stays blocked in every child.
class Interrupts {
public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    std::stop_token token() const { return source_.get_token(); }

private:
    std::stop_source source_;
    int reader_ = -1;
    int writer_ = -1;
    std::jthread listener_;
};

}  // namespace img::cli
