#include "web/live_job.hpp"

#include "http/event_stream.hpp"
#include "web/log_text.hpp"

#include <algorithm>
#include <utility>

namespace img::web {

namespace {

constexpr std::size_t kPieceMax = 64UL * 1024;
constexpr std::chrono::seconds kViewAgeMax{5};

std::string state_of(const api::JobView& view) {
    return std::string(jobs::to_text(view.state)) + "/" + std::to_string(view.attempt) + "/" +
           (view.position ? std::to_string(*view.position) : "-");
}

/// One watcher's way through a job: called whenever its client is ready for more.
class EventProducer {
public:
    EventProducer(std::shared_ptr<LiveJob> live, std::uint64_t offset)
        : live_(std::move(live)), offset_(offset) {}

    void operator()(http::Stream& stream) {
        // The row before the log: when it says that the job has ended, the log is whole.
        const auto view = live_->view();
        const bool is_over = jobs::is_finished(view.state);
        const auto state = state_of(view);
        const auto json = api::to_json(view);
        if (!is_over && json != sent_json_) {
            stream.write(http::to_text(
                {.name = state == sent_state_ ? "progress" : "state", .id = {}, .data = json}));
            sent_json_ = json;
            sent_state_ = state;
        }
        const auto log = live_->log_from(offset_, is_over);
        if (log.end > offset_) {
            stream.write(log.text);
            offset_ = log.end;
        } else if (is_over) {
            stream.write(http::to_text({.name = "state", .id = {}, .data = json}));
            stream.close();
        }
    }

private:
    std::shared_ptr<LiveJob> live_;
    std::uint64_t offset_;
    std::string sent_json_;
    std::string sent_state_;
};

}  // namespace

api::JobView view_with_outlook(jobs::Dispatcher& dispatcher, const jobs::Job& job) {
    return api::view_of(job, job.state == jobs::JobState::queued ? dispatcher.outlook(job.id)
                                                                 : std::optional<jobs::Outlook>());
}

Result<std::optional<api::JobView>> find_view(jobs::JobStore& store,
                                              jobs::Dispatcher& dispatcher,
                                              const std::string& id) {
    const auto job = TRY(store.find(id));
    return job ? std::optional(view_with_outlook(dispatcher, *job)) : std::nullopt;
}

LiveJob::LiveJob(jobs::JobStore& store,
                 jobs::Dispatcher& dispatcher,
                 jobs::JobFeed& feed,
                 const jobs::Job& job)
    : store_(store),
      dispatcher_(dispatcher),
      id_(job.id),
      log_file_(dispatcher.log_file(job)),
      view_(api::view_of(job)) {
    token_ = feed.watch(id_, [signal = signal_] {
        std::vector<std::shared_ptr<http::Stream>> streams;
        {
            const std::lock_guard lock(signal->mutex);
            signal->is_stale = true;
            for (const auto& stream : signal->streams) {
                streams.push_back(stream.lock());
            }
        }
        for (const auto& stream : streams) {
            if (stream) {
                stream->wake();
            }
        }
    });
}

void LiveJob::add(const std::shared_ptr<http::Stream>& stream) {
    const std::lock_guard lock(signal_->mutex);
    std::erase_if(signal_->streams, [](const auto& other) { return other.expired(); });
    signal_->streams.push_back(stream);
}

api::JobView LiveJob::view() {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    bool is_stale = false;
    {
        const std::lock_guard signal_lock(signal_->mutex);
        is_stale = std::exchange(signal_->is_stale, false);
    }
    if (is_stale || now - looked_ > kViewAgeMax) {
        // A store that is away leaves the old row; the next look is not far.
        if (auto view = find_view(store_, dispatcher_, id_); view && *view) {
            view_ = **std::move(view);
        }
        looked_ = now;
    }
    return view_;
}

LiveJob::LogEvents LiveJob::log_from(std::uint64_t offset, bool is_over) {
    const std::lock_guard lock(mutex_);
    if (piece_ && piece_->begin == offset) {
        return *piece_;
    }
    auto piece = read_log(log_file_, offset, kPieceMax, is_over);
    LogEvents events{.begin = offset, .end = piece.end, .text = {}};
    if (piece.end == offset) {
        return events;
    }
    if (piece.text.ends_with('\n')) {
        piece.text.pop_back();  // whoever shows an event ends its line
    }
    events.text = http::to_text(
        {.name = "log", .id = std::to_string(piece.end), .data = plain_log(piece.text)});
    piece_ = events;
    return events;
}

std::shared_ptr<LiveJob> LiveJobs::find(const jobs::Job& job) {
    const std::lock_guard lock(mutex_);
    std::erase_if(live_, [](const auto& entry) { return entry.second.expired(); });
    auto live = live_[job.id].lock();
    if (!live) {
        live = std::make_shared<LiveJob>(store_, dispatcher_, feed_, job);
        live_[job.id] = live;
    }
    return live;
}

std::shared_ptr<http::Stream> LiveJobs::events(const jobs::Job& job, std::uint64_t offset) {
    auto live = find(job);
    auto stream = std::make_shared<http::Stream>(EventProducer(live, offset), ": beat\n\n");
    live->add(stream);
    return stream;
}

std::shared_ptr<http::Stream> LiveJobs::log(const jobs::Job& job, std::uint64_t offset) {
    auto live = find(job);
    auto stream = std::make_shared<http::Stream>([live, offset](http::Stream& out) mutable {
        const bool is_over = jobs::is_finished(live->view().state);
        const auto piece = read_log(live->log_file(), offset, kPieceMax, is_over);
        if (piece.end > offset) {
            out.write(piece.text);
            offset = piece.end;
        } else if (is_over) {
            out.close();
        }
    });
    live->add(stream);
    return stream;
}

}  // namespace img::web
