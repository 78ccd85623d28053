#include "cli/cli.hpp"

#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "base/usage.hpp"
#include "cli/console.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#ifndef IMG_VERSION
#error "the build defines IMG_VERSION"
#endif

namespace img::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 the request is wrong, 2 usage, 3 not found, 4 try again later,\n"
    "5 out of disk, memory or time, 6 something broke, 130 interrupted.";
constexpr const char* kServerFooter =
    "The service is looked for at --server, IMG_SERVER, then http://127.0.0.1:8080.";

std::string_view to_text(Fault fault) {
    switch (fault) {
        case Fault::invalid: return "invalid";
        case Fault::missing: return "missing";
        case Fault::transient: return "transient";
        case Fault::exhausted: return "exhausted";
        case Fault::broken: return "broken";
    }
    return "broken";
}

int complain(Console& console, const std::string& sentence, const std::string& help) {
    console.err << complaint("img", sentence, help);
    return kUsage;
}

std::vector<std::string> options_of(const CLI::App& parser) {
    std::vector<std::string> names;
    for (const CLI::Option* option : parser.get_options()) {
        for (const auto& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

std::optional<std::string> stray_word(const CLI::App& parser) {
    return img::stray_word(parser.get_name(), parser.remaining(), options_of(parser));
}

/// The first word must be a verb; CLI11 would only say that one is needed.
std::optional<std::string> wrong_verb(const std::vector<std::string>& arguments,
                                      const std::vector<Verb>& verbs) {
    if (arguments.empty() || arguments.front().starts_with('-')) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (const auto& verb : verbs) {
        names.push_back(verb.parser->get_name());
    }
    if (std::ranges::find(names, arguments.front()) != names.end()) {
        return std::nullopt;
    }
    return fmt::format("there is no command '{}'{}", printable(arguments.front()),
                       meant(arguments.front(), names));
}

/// "img help", "img help VERB" as people try it.
std::vector<std::string> without_help_word(std::vector<std::string> arguments) {
    if (!arguments.empty() && arguments.front() == "help") {
        arguments.erase(arguments.begin());
        arguments.emplace_back("--help");
    }
    return arguments;
}

int fail_with(const Error& error, bool as_json, Console& console) {
    const auto& [fault, message] = error;
    if (as_json) {
        console.out << nlohmann::json{{"fault", to_text(fault)}, {"error", message}}.dump(
                           -1, ' ', false, nlohmann::json::error_handler_t::replace)
                    << std::endl;
    }
    console.err << "img: " << message << std::endl;
    return exit_code(fault);
}

int perform(const Verb& verb, Console& console) {
    const auto code = verb.act(console);
    console.out.flush();
    if (code) {
        return *code;
    }
    return fail_with(code.error(), verb.parser->count("--json") > 0, console);
}

/// The verb that another program understands, where it is that.
const Verb* verb_elsewhere(const std::vector<std::string>& arguments,
                           const std::vector<Verb>& verbs) {
    const auto is_meant = [&](const Verb& verb) {
        return !arguments.empty() && verb.parser->get_name() == arguments.front();
    };
    const auto verb = std::ranges::find_if(verbs, is_meant);
    return verb == verbs.end() || verb->program.empty() ? nullptr : &*verb;
}

int hand_over(const std::string& program,
              const std::vector<std::string>& arguments,
              Console& console) {
    const auto error = console.become(program, arguments);
    return fail_with(error, std::ranges::find(arguments, "--json") != arguments.end(), console);
}

/// "img build"; a program that is one verb alone has its own name: "img-admin".
std::string spoken(const CLI::App& verb) {
    return verb.get_name().starts_with("img-") ? verb.get_name() : "img " + verb.get_name();
}

int parse_and_perform(const std::vector<std::string>& arguments,
                      Console& console,
                      std::span<const MakeVerb> makers) {
    CLI::App img("IMG makes operating-system images from kickstart files.", "img");
    img.set_version_flag("--version", "img " IMG_VERSION);
    img.footer(fmt::format("{}\n{}", kFooter, kServerFooter));
    std::vector<Verb> verbs;
    for (const auto make : makers) {
        verbs.push_back(make(img));
    }
    img.require_subcommand(0, 1);
    for (const auto& verb : verbs) {
        verb.parser->allow_extras();  // so that stray_word() can say what it should have been
        const bool asks_service = verb.parser->get_option_no_throw("--server") != nullptr;
        verb.parser->footer(asks_service ? fmt::format("{}\n{}", kFooter, kServerFooter) : kFooter);
    }
    if (const auto wrong = wrong_verb(arguments, verbs)) {
        return complain(console, *wrong, "img --help");
    }
    if (const auto* const verb = verb_elsewhere(arguments, verbs)) {
        return hand_over(verb->program, {arguments.begin() + 1, arguments.end()}, console);
    }
    const auto used = [&] {
        return std::ranges::find_if(verbs, [](const Verb& verb) { return verb.parser->parsed(); });
    };
    const auto help = [&] {
        return used() == verbs.end() ? "img --help" : spoken(*used()->parser) + " --help";
    };
    try {
        // CLI11 takes its words from the back.
        img.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        const auto* const verb = used() == verbs.end() ? nullptr : used()->parser;
        console.out << (verb == nullptr                     ? img.help()
                        : verb->get_name() == spoken(*verb) ? verb->help("")
                                                            : verb->help("img"));
        return kDone;
    } catch (const CLI::CallForVersion& version) {
        console.out << version.what() << '\n';
        return kDone;
    } catch (const CLI::ParseError& error) {
        const auto stray = used() == verbs.end() ? std::nullopt : stray_word(*used()->parser);
        return complain(console, stray.value_or(error.what()), help());
    }
    if (used() == verbs.end()) {
        console.err << img.help();
        return kUsage;
    }
    if (const auto stray = stray_word(*used()->parser)) {
        return complain(console, *stray, help());
    }
    return perform(*used(), console);
}

}  // namespace

int run(const std::vector<std::string>& arguments,
        Console& console,
        std::span<const MakeVerb> verbs) {
    return parse_and_perform(without_help_word(arguments), console, verbs);
}

int run(const std::vector<std::string>& arguments, Console& console) {
    return run(arguments, console,
               std::array{&build_verb, &check_verb, &print_verb, &commands_verb, &types_verb,
                          &inspect_verb, &convert_verb, &kickstarter_verb, &templates_verb,
                          &submit_verb, &list_verb, &status_verb, &log_verb, &cancel_verb,
                          &pin_verb, &unpin_verb, &download_verb, &admin_verb});
}

int run(int argc, char** argv) {
    auto console = real_console();
    return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), console);
}

}  // namespace img::cli
