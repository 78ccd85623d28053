// The program `img`: reads the command line, does what one verb says, gives the exit code.
//
// Knows flags, what people read on a terminal, and how failures become exit codes. Must never know
// how a job is stored, or how an image is made.
#pragma once

#include <string>
#include <vector>

namespace img::cli {

struct Console;

/// With the arguments of main(), on the real terminal.
int run(int argc, char** argv);

/// The same without a process around it; `arguments` begins after the program's name.
int run(const std::vector<std::string>& arguments, Console& console);

}  // namespace img::cli
