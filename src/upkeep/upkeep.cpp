#include "upkeep/upkeep.hpp"

#include "upkeep/database_verb.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace img::upkeep {
namespace {

/// Called by its own name it speaks of itself so.
cli::Verb program_verb(CLI::App& img) {
    auto verb = database_verb(img);
    verb.parser->name("img-admin");
    return verb;
}

}  // namespace

int run(const std::vector<std::string>& arguments, cli::Console& console) {
    // People know it as `img admin`, and so it speaks of itself.
    std::vector<std::string> words{"admin"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return cli::run(words, console, std::array{&database_verb});
}

int run(int argc, char** argv) {
    auto console = cli::real_console();
    std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
    if (argc > 0 && argv[0] == std::string_view("img admin")) {  // so img calls it
        return run(words, console);
    }
    words.insert(words.begin(), "img-admin");
    return cli::run(words, console, std::array{&program_verb});
}

}  // namespace img::upkeep
