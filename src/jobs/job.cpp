#include "jobs/job.hpp"

#include "base/digest.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace img::jobs {
namespace {

constexpr std::size_t kIdLength = 32;        // 128 bits, four to a digit
constexpr std::size_t kNameLengthMax = 100;  // leaves room for endings in the 255 of a file name
constexpr std::size_t kArchitectureMax = 40;

bool is_one_of(char c, std::string_view set) {
    return set.find(c) != std::string_view::npos;
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string user_of(const JobRequest& request) {
    if (request.email.empty()) {
        return "anonymous";
    }
    auto user = request.email;
    // ASCII only: whoever writes an address otherwise is another user, which harms nobody.
    std::ranges::transform(user, user.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return user;
}

std::string digest_of(const JobRequest& request) {
    Sha256 digest;
    digest.add_field("img build 1");  // another number when a build takes its fields otherwise
    digest.add_field(request.name);
    digest.add_field(request.image_type);
    digest.add_field(request.kickstart);
    digest.add_field(request.overlay);
    digest.add_field(request.architecture.empty() ? "amd64" : request.architecture);
    return digest.hex();
}

std::string new_job_id() {
    std::array<std::uint8_t, kIdLength / 2> bytes{};
    if (::getentropy(bytes.data(), bytes.size()) != 0) {
        std::abort();  // only a kernel without random numbers; a guessable id would be worse
    }
    std::string id;
    for (const auto byte : bytes) {
        id += fmt::format("{:02x}", byte);
    }
    return id;
}

bool is_job_id(std::string_view text) {
    return text.size() == kIdLength &&
           std::ranges::all_of(text, [](char c) { return is_one_of(c, "0123456789abcdef"); });
}

bool is_job_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameLengthMax && is_alphanumeric(text.front()) &&
           std::ranges::all_of(text,
                               [](char c) { return is_alphanumeric(c) || is_one_of(c, "._-"); });
}

/// As Debian's policy has it, section 11.1; whether somebody builds for it, the queue says.
bool is_architecture(std::string_view text) {
    return text.size() <= kArchitectureMax && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

bool is_priority(int number) {
    return number >= kPriorityMin && number <= kPriorityMax;
}

/// It stands in messages, in a database and on pages.
bool is_reference(std::string_view text) {
    return text.size() <= kReferenceMax && printable(text) == text;
}

Result<void> check(const JobRequest& request) {
    if (!is_job_name(request.name)) {
        return fail(Fault::invalid,
                    fmt::format("name: give 1 to {} letters, digits, dots, dashes or underscores, "
                                "and begin with a letter or digit",
                                kNameLengthMax));
    }
    if (request.kickstart.size() > kKickstartMax) {
        return fail(Fault::invalid, fmt::format("kickstart: {} bytes, at most {} are taken",
                                                request.kickstart.size(), kKickstartMax));
    }
    if (!is_architecture(request.architecture)) {
        return fail(Fault::invalid, "architecture: give one of Debian's names, as amd64 or arm64");
    }
    if (!is_priority(request.priority)) {
        return fail(Fault::invalid, fmt::format("priority: {}, it goes from {} to {}",
                                                request.priority, kPriorityMin, kPriorityMax));
    }
    if (!is_reference(request.reference)) {
        return fail(Fault::invalid,
                    fmt::format("reference: {} bytes, give at most {} of printable text",
                                request.reference.size(), kReferenceMax));
    }
    return {};
}

}  // namespace img::jobs
