#include "broker/broker.hpp"

#include "broker/memory_job_queue.hpp"

#include <fmt/format.h>

namespace img::broker {

Result<std::unique_ptr<jobs::JobQueue>> open_job_queue(const std::string& url) {
    if (url == "memory:") {
        return std::make_unique<MemoryJobQueue>();
    }
    return fail(Fault::invalid, fmt::format("broker \"{}\": give memory:", url));
}

}  // namespace img::broker
