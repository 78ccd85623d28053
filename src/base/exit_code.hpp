// How a program of ours ends: the numbers that scripts rely on.
#pragma once

#include "base/result.hpp"

namespace img {

constexpr int kDone = 0;
constexpr int kRequestWrong = 1;
constexpr int kUsage = 2;
constexpr int kNotFound = 3;
constexpr int kTryLater = 4;
constexpr int kExhausted = 5;
constexpr int kBroken = 6;
constexpr int kInterrupted = 130;  ///< 128 + SIGINT, as a shell counts.

constexpr int exit_code(Fault fault) {
    switch (fault) {
        case Fault::invalid: return kRequestWrong;
        case Fault::missing: return kNotFound;
        case Fault::transient: return kTryLater;
        case Fault::exhausted: return kExhausted;
        case Fault::broken: return kBroken;
    }
    return kBroken;
}

}  // namespace img
