// The verbs of `img`: each file *_verb.cpp declares the flags of one and does what it says.
#pragma once

#include "base/result.hpp"
#include "cli/console.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace img::cli {

struct Verb {
    CLI::App* parser = nullptr;
    /// The exit code; or an Error, which the caller prints and turns into one.
    std::function<Result<int>(Console&)> act;
    /// Not empty: the program beside img that understands and does what follows the verb.
    std::string program = {};
};

using MakeVerb = Verb (*)(CLI::App& img);

/// As run() of cli.hpp, but of a program that has these verbs.
int run(const std::vector<std::string>& arguments,
        Console& console,
        std::span<const MakeVerb> verbs);

Verb build_verb(CLI::App& img);
Verb check_verb(CLI::App& img);
Verb print_verb(CLI::App& img);
Verb commands_verb(CLI::App& img);
Verb types_verb(CLI::App& img);
Verb inspect_verb(CLI::App& img);
Verb convert_verb(CLI::App& img);
Verb kickstarter_verb(CLI::App& img);
Verb templates_verb(CLI::App& img);
Verb submit_verb(CLI::App& img);
Verb list_verb(CLI::App& img);
Verb status_verb(CLI::App& img);
Verb log_verb(CLI::App& img);
Verb cancel_verb(CLI::App& img);
Verb pin_verb(CLI::App& img);
Verb unpin_verb(CLI::App& img);
Verb download_verb(CLI::App& img);
Verb admin_verb(CLI::App& img);

}  // namespace img::cli
