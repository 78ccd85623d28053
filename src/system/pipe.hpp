// Both ends of a pipe, closed with their owner and on exec.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

namespace img::system {

struct Pipe {
    Fd read, write;
};

/// Fault::exhausted: no more descriptors.
Result<Pipe> make_pipe();

}  // namespace img::system
