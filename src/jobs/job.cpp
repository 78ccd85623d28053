#include "jobs/job.hpp"

#include "base/digest.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace img::jobs {
namespace {

constexpr std::size_t kIdLength = 32;        // 128 bits, four to a digit
constexpr std::size_t kNameLengthMax = 100;  // leaves room for endings in the 255 of a file name

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

}  // namespace img::jobs
