// A library that is preloaded into programs whose output has to be the same bytes each time.
//
// mkfs.btrfs and its like write down what they see of the machine: the order in which a folder
// lists its names, inode numbers, access and change times, the clock, random ids. Few of them can
// be told not to. Here the C library's functions for these five are put in front of the real ones
// (ld.so(8), LD_PRELOAD); one cure for all programs, and none for those who write by system calls.
//
// What it answers comes from the environment, which system/steady.hpp sets.
#pragma once

#include <cstdint>
#include <dlfcn.h>
#include <string>

/// A function that takes the place of the C library's. None of them throws.
#define IMG_STEADY extern "C" __attribute__((visibility("default")))

namespace img::steady {

struct Settings {
    std::int64_t epoch = 0;  ///< IMG_STEADY_EPOCH: what the clock says, in seconds.
    std::string seed{};      ///< IMG_STEADY_SEED: what chance follows from.
    std::string content{};   ///< IMG_STEADY_CONTENT: the folder whose files are numbered.
};

/// Read once. Without an IMG_STEADY_EPOCH the program ends with exit 125 and a sentence: what it
/// would write on a guess is worth nothing.
const Settings& settings();

/// The function of that name that would have been called without us.
template <typename Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace img::steady
