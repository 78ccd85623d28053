// The queue of a service whose workers live in the same program.
#pragma once

#include "broker/listener_list.hpp"
#include "jobs/job_queue.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace img::broker {

/// One thread delivers reports, another one cancels, a third presences: a report that takes long to
/// write down holds up nothing else. Everything is bounded; whoever sends into a full queue is told
/// to come again.
class MemoryJobQueue : public jobs::JobQueue {
public:
    MemoryJobQueue();
    ~MemoryJobQueue() override = default;

    Result<void> send(const jobs::BuildOrder& order) override;
    Result<void> send(const jobs::CancelOrder& order) override;
    Result<void> send(const jobs::Report& report) override;
    Result<void> send(const jobs::Presence& presence) override;
    Result<std::optional<jobs::BuildOrder>> take(const std::string& worker,
                                                 std::chrono::milliseconds wait) override;
    /// What is taken is gone from here: worker and queue end together.
    Result<void> keep(const jobs::BuildOrder&) override { return {}; }
    Token on_cancel(std::function<void(const jobs::CancelOrder&)> handler) override;
    using JobQueue::on_report;
    /// A report that nobody gives a receipt for is lost with the program that was to build it.
    Token on_report(std::function<void(const jobs::Report&, const Receipt&)> handler) override;
    bool hears_reports() override { return true; }
    Token on_presence(std::function<void(const jobs::Presence&)> handler) override;

private:
    /// Messages of one kind on their way to all who listen, in their order.
    template <typename Message>
    class Channel {
    public:
        explicit Channel(std::size_t most);

        bool send(const Message& message);
        Token listen(std::function<void(const Message&)> handler) {
            return listeners_.add(std::move(handler));
        }

    private:
        void deliver(const std::stop_token& stop);

        const std::size_t most_;
        ListenerList<Message> listeners_;
        std::mutex mutex_;
        std::condition_variable_any changed_;
        std::deque<Message> waiting_;
        std::jthread thread_;  ///< Last: it uses all of the above.
    };

    std::mutex orders_mutex_;
    std::condition_variable orders_changed_;
    std::map<std::string, std::deque<jobs::BuildOrder>> orders_;  ///< Of each worker that is known.
    Channel<jobs::CancelOrder> cancels_;
    Channel<jobs::Report> reports_;
    Channel<jobs::Presence> presences_;
};

}  // namespace img::broker
