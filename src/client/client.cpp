#include "client/client.hpp"

#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "base/uuid.hpp"
#include "broker/visitor.hpp"
#include "client/client_options.hpp"
#include "jobs/job_message.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <optional>
#include <thread>

namespace img::client {
namespace {

using broker::OriginalStatus;
using broker::Visitor;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kOriginalBroker = "amqp://img:imgpwd@localhost:5672/imgvhost";
constexpr int kUnknown = kNotFound, kNotYet = kTryLater, kFailed = kBroken;
constexpr std::chrono::milliseconds kAnswer = 5s;  // then no service is there
constexpr std::chrono::milliseconds kPause = 1s;
// A message that has just been sent is not a job yet.
constexpr std::chrono::milliseconds kUnknownMax = 15s;

int complain(const Surroundings& surroundings, const Error& error) {
    surroundings.err << "img-client: " << error.message << "\n";
    return img::exit_code(error.fault);
}

Result<std::string> read_file(const std::string& path) {
    std::error_code failed;
    const auto status = std::filesystem::status(path, failed);
    if (failed || !std::filesystem::exists(status)) {
        return fail(Fault::missing, fmt::format("{}: there is no such file", printable(path)));
    }
    if (!std::filesystem::is_regular_file(status)) {
        return fail(Fault::invalid, fmt::format("{}: this is no file", printable(path)));
    }
    std::string text(jobs::kKickstartMax + 1, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad() || text.empty() || text.size() > jobs::kKickstartMax) {
        return fail(Fault::invalid, fmt::format("{}: it is empty, cannot be read, or has more than "
                                                "{} bytes",
                                                printable(path), jobs::kKickstartMax));
    }
    return text;
}

Result<jobs::ForeignRequest> request_of(const Submission& asked) {
    jobs::ForeignRequest foreign{.request = {.name = asked.name,
                                             .image_type = asked.type,
                                             .overlay = asked.overlay,
                                             .email = asked.email,
                                             .architecture = asked.architecture,
                                             .priority = asked.priority,
                                             .reference = random_uuid().text(),
                                             .is_fresh = asked.is_fresh}};
    auto text = TRY(read_file(asked.file));
    const bool is_configuration = asked.file.ends_with(".yaml") || asked.file.ends_with(".yml");
    (is_configuration ? foreign.configuration : foreign.request.kickstart) = std::move(text);
    return foreign;
}

Result<int> submit(const std::string& broker,
                   const Submission& asked,
                   const Surroundings& surroundings) {
    const auto request = TRY(request_of(asked));  // a wrong file is told before a broker is asked
    auto visitor = TRY(Visitor::come_to(broker));
    TRY(visitor.send(request));
    surroundings.out << "Message sent; ask for the results with img-client -p and this id:\n"
                     << request.request.reference << "\n";
    return kDone;
}

int exit_code(const OriginalStatus& status) {
    return status.status == "DONE"    ? kDone
           : status.status == "ERROR" ? kFailed
           : status.status.empty()    ? kUnknown
                                      : kNotYet;
}

void print(const OriginalStatus& status, const Surroundings& surroundings) {
    const auto line = [&surroundings](std::string_view label, const std::string& text) {
        if (!text.empty()) {
            surroundings.out << label << printable(text) << "\n";
        }
    };
    if (status.status.empty()) {
        surroundings.err << "img-client: " << printable(status.error) << "\n";
        return;
    }
    line("Image build status: ", status.status);
    line("Image url available in: ", status.image.empty() ? status.url : status.image);
    line("Log available here: ", status.log);
    line("Image build failed: ", status.error);
}

/// Until it is done or has failed, or nobody knows it although it was sent a while ago. While the
/// broker or the services are away there is no news; that is said once.
int wait_for_the_end(Visitor& visitor, const std::string& id, const Surroundings& surroundings) {
    const auto begun = Clock::now();
    std::string last;
    bool was_away = false;
    for (;;) {
        const auto status = visitor.ask(id, kAnswer);
        if (!status && status.error().fault != Fault::transient) {
            return complain(surroundings, status.error());
        }
        if (!status && !was_away) {
            surroundings.err << "img-client: " << status.error().message << "\n";
        }
        was_away = !status;
        const auto code = status ? exit_code(*status) : kNotYet;
        const bool is_end = code == kDone || code == kFailed ||
                            (code == kUnknown && Clock::now() - begun > kUnknownMax);
        if (status && (is_end || (code == kNotYet && status->status != last))) {
            print(*status, surroundings);
            surroundings.out.flush();
            last = status->status;
        }
        if (is_end) {
            return code;
        }
        std::this_thread::sleep_for(kPause);
    }
}

Result<int> poll(const std::string& broker, const Poll& asked, const Surroundings& surroundings) {
    auto visitor = TRY(Visitor::come_to(broker));
    if (asked.waits) {
        return wait_for_the_end(visitor, asked.id, surroundings);
    }
    const auto status = TRY(visitor.ask(asked.id, kAnswer));
    print(status, surroundings);
    return exit_code(status);
}

Result<int> run_options(const Options& options, const Surroundings& surroundings) {
    const auto said = options.broker.empty() ? surroundings.variable("IMG_BROKER") : options.broker;
    const auto broker = said.empty() ? std::string(kOriginalBroker) : said;
    if (const auto* const asked = std::get_if<Submission>(&options.what)) {
        return submit(broker, *asked, surroundings);
    }
    return poll(broker, std::get<Poll>(options.what), surroundings);
}

}  // namespace

int run(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
    const auto options = read_options(arguments);
    if (!options) {
        surroundings.err << "img-client: " << printable(options.error().message)
                         << "\nSee `img-client --help`.\n";
        return kUsage;
    }
    if (const auto* const help = std::get_if<Help>(&*options)) {
        surroundings.out << help->text;
        return kDone;
    }
    const auto code = run_options(std::get<Options>(*options), surroundings);
    return code ? *code : complain(surroundings, code.error());
}

int run(int argc, char** argv) {
    const auto variable = [](const char* name) {
        const char* const value = std::getenv(name);
        return value == nullptr ? std::string() : std::string(value);
    };
    return run({argv + 1, argv + argc}, {.out = std::cout, .err = std::cerr, .variable = variable});
}

}  // namespace img::client
