// The command line: everything it does is in cli/.
#include "cli/cli.hpp"

int main(int argc, char** argv) {
    return img::cli::run(argc, argv);
}
