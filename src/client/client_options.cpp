#include "client/client_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace img::client {
namespace {

constexpr const char* kAbout =
    "Submits kickstarts to IMG over AMQP, and asks how their images are.";
constexpr const char* kFooter =
    "Exit codes: 0 done, 1 the request is wrong, 2 usage, 3 no such job, 4 not yet or no answer,\n"
    "try again, 6 the image failed.\n"
    "The broker is --broker, else IMG_BROKER, else amqp://img:imgpwd@localhost:5672/imgvhost.";

Result<Options> options_of(bool is_async, Submission submission, Poll poll, std::string broker) {
    const bool polls = !poll.id.empty();
    if (is_async == polls) {
        return fail(Fault::invalid, "give either -a and a file to submit, or -p and an id");
    }
    if (polls) {
        if (!submission.file.empty()) {
            return fail(Fault::invalid, "-p takes an id and no file");
        }
        return Options{.broker = std::move(broker), .what = std::move(poll)};
    }
    if (submission.file.empty()) {
        return fail(Fault::invalid, "give the kickstart file to submit");
    }
    if (poll.waits) {
        return fail(Fault::invalid, "--wait belongs to -p; -a does not wait");
    }
    return Options{.broker = std::move(broker), .what = std::move(submission)};
}

}  // namespace

Result<std::variant<Options, Help>> read_options(const std::vector<std::string>& arguments) {
    CLI::App parser(kAbout, "img-client");
    parser.footer(kFooter);
    parser.set_version_flag("--version", "img-client " IMG_VERSION);
    bool is_async = false;
    Submission submission;
    Poll poll;
    std::string broker;
    parser.add_flag("-a,--async", is_async, "submit FILE and print its id");
    parser.add_option("-p,--poll", poll.id, "show the status of the job with this id");
    parser.add_flag("--wait", poll.waits, "with -p: until it is done or has failed");
    parser.add_option("-t,--type", submission.type, "image type")->capture_default_str();
    parser.add_option("-n,--name", submission.name, "name of the image's files");
    parser.add_option("-e,--email", submission.email, "your e-mail address");
    parser.add_option("--overlay", submission.overlay, "extra packages, \"-name\" takes one away");
    parser.add_option("--arch", submission.architecture, "architecture, as Debian names it");
    parser.add_option("--priority", submission.priority, "among your own jobs")
        ->check(CLI::Range(-10, 10));
    parser.add_flag("--fresh", submission.is_fresh, "never join a build of the same request");
    parser.add_option("--broker", broker, "URL of the broker");
    parser.add_option("FILE", submission.file, "a kickstart, or a YAML configuration (.yaml)");
    // CLI11 takes them from the back.
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        parser.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        return Help{parser.help()};
    } catch (const CLI::CallForVersion& version) {
        return Help{std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError& error) {
        return fail(Fault::invalid, error.what());
    }
    return TRY(options_of(is_async, std::move(submission), std::move(poll), std::move(broker)));
}

}  // namespace img::client
