// `img admin`: done by the program img-admin, the only one that needs the libraries of databases.
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>

namespace img::cli {

Verb admin_verb(CLI::App& img) {
    auto* parser =
        img.add_subcommand("admin", "Migrate, back up or restore the service's database");
    return {.parser = parser, .act = {}, .program = "img-admin"};
}

}  // namespace img::cli
