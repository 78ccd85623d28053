#include "upkeep/upkeep.hpp"

#include "upkeep/database_verb.hpp"

#include <algorithm>
#include <array>

namespace img::upkeep {

int run(const std::vector<std::string>& arguments, cli::Console& console) {
    // People know it as `img admin`, and so it speaks of itself.
    std::vector<std::string> words{"admin"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return cli::run(words, console, std::array{&database_verb});
}

int run(int argc, char** argv) {
    auto console = cli::real_console();
    return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), console);
}

}  // namespace img::upkeep
