#include "cli/job_watch.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace img::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLooks{300};
constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kLineLengthMax = 64 * 1024;

void sleep_unless(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, kBetweenLooks, [] { return false; });
}

/// The log as lines, from pieces that end anywhere.
class LogReader {
public:
    LogReader(ServiceClient& service, std::string id) : service_(service), id_(std::move(id)) {}

    /// Passes on what is new.
    Result<void> read(const std::function<void(std::string_view)>& sink) {
        while (true) {
            const auto piece = TRY(service_.log(id_, offset_));
            if (piece.empty()) {
                return {};
            }
            offset_ += piece.size();
            rest_ += piece;
            pass_lines(sink);
        }
    }

    /// The last line may lack its end.
    void finish(const std::function<void(std::string_view)>& sink) {
        if (!rest_.empty()) {
            sink(rest_);
            rest_.clear();
        }
    }

private:
    void pass_lines(const std::function<void(std::string_view)>& sink) {
        std::size_t start = 0;
        for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', start)) {
            sink(std::string_view(rest_).substr(start, end - start));
            start = end + 1;
        }
        rest_.erase(0, start);
        if (rest_.size() > kLineLengthMax) {
            finish(sink);
        }
    }

    ServiceClient& service_;
    std::string id_;
    std::uint64_t offset_ = 0;
    std::string rest_;
};

}  // namespace

Result<void> read_log(ServiceClient& service,
                      const std::string& id,
                      const std::function<void(std::string_view)>& line) {
    LogReader log(service, id);
    TRY(log.read(line));
    log.finish(line);
    return {};
}

Result<api::JobView> watch(ServiceClient& service,
                           const std::string& id,
                           const JobWatcher& watcher,
                           std::stop_token stop) {
    LogReader log(service, id);
    api::JobView last;
    last.id = id;
    auto answered = Clock::now();
    while (!stop.stop_requested()) {
        auto job = service.find(id);
        const bool finished = job && jobs::is_finished(job->state);
        // The state is asked first: once it is final, nothing more is written to the log.
        const auto read = job ? log.read(watcher.line) : Result<void>();
        if (job && read) {
            answered = Clock::now();
            last = *job;
            watcher.changed(last);
            if (finished) {
                log.finish(watcher.line);
                return last;
            }
        } else {
            const auto& error = job ? read.error() : job.error();
            if (error.fault != Fault::transient || Clock::now() - answered > kPatience) {
                return std::unexpected(error);
            }
        }
        sleep_unless(stop);
    }
    return last;
}

}  // namespace img::cli
