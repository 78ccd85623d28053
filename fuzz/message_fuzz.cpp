// Any bytes as the body of every message that comes from outside: a plain sentence, or a message
// within its bounds, which is read again as it was written.
#include "broker/original_message.hpp"
#include "fuzz/fuzzing.hpp"
#include "jobs/job_message.hpp"

#include <cstdint>

namespace jobs = img::jobs;
using img::fuzz::give_up;

namespace {

/// What is read once and written is read and written again in the same way.
template <typename Message, typename Write>
void check_again(std::string_view text,
                 img::Result<Message> (*read)(std::string_view),
                 Write write) {
    const auto message = read(text);
    if (!message) {
        return;
    }
    const auto written = write(*message);
    const auto again = read(written);
    if (!again || write(*again) != written) {
        give_up("a message that is not read as it was written", written);
    }
}

void check_request(const img::broker::RequestBody& body) {
    if (body.reference.size() > jobs::kReferenceMax) {
        give_up("a reference that is too long", body.reference);
    }
    img::fuzz::check_sentence(body.reference);
    if (!body.request) {
        img::fuzz::check_sentence(body.request.error().message);
        return;
    }
    const auto& request = body.request->request;
    if (request.reference.empty() || request.priority < jobs::kPriorityMin ||
        request.priority > jobs::kPriorityMax) {
        give_up("a request beyond its bounds", request.reference);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto write = [](const auto& message) { return to_json(message); };
    check_again(text, jobs::build_order_from, write);
    check_again(text, jobs::cancel_order_from, write);
    check_again(text, jobs::report_from, write);
    check_again(text, jobs::presence_from, write);
    check_again(text, jobs::status_notice_from, write);
    check_again(text, img::broker::original_status_from, write);
    check_request(img::broker::kickstart_request_from(text, ""));
    check_request(img::broker::configuration_request_from(text, "id of the message"));
    return 0;
}
