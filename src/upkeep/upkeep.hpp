// The program `img-admin`, which does what `img admin` says: looks after the service's database.
//
// Knows the words of `img admin` and what people read of it. Must never know how a table is laid
// out. A program of its own, as only it needs the libraries of databases: to load them takes longer
// than to check a kickstart.
#pragma once

#include <string>
#include <vector>

namespace img::cli {
struct Console;
}

namespace img::upkeep {

/// With the arguments of main(), on the real terminal.
int run(int argc, char** argv);

/// The same without a process around it; `arguments` begins after `img admin`.
int run(const std::vector<std::string>& arguments, cli::Console& console);

}  // namespace img::upkeep
