// The queue between a service and workers on other machines: RabbitMQ, or another AMQP 0-9-1
// broker.
#pragma once

#include "broker/amqp_consumer.hpp"
#include "broker/amqp_publisher.hpp"
#include "broker/listener_list.hpp"
#include "broker/order_inbox.hpp"
#include "jobs/job_queue.hpp"

#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace img::broker {

/// One connection sends. Each kind of message that somebody listens to has a connection of its own,
/// so that a report that takes long to write down holds up no cancel.
class AmqpJobQueue : public jobs::JobQueue {
public:
    explicit AmqpJobQueue(const AmqpUrl& url);

    /// Fault::transient: the broker is away. Fault::invalid: it does not let us in.
    Result<void> reach();

    Result<void> send(const jobs::BuildOrder& order) override;
    Result<void> send(const jobs::CancelOrder& order) override;
    Result<void> send(const jobs::Report& report) override;
    Result<void> send(const jobs::Presence& presence) override;
    Result<std::optional<jobs::BuildOrder>> take(const std::string& worker,
                                                 std::chrono::milliseconds wait) override;
    Result<void> keep(const jobs::BuildOrder& order) override;
    Token on_cancel(std::function<void(const jobs::CancelOrder&)> handler) override;
    using JobQueue::on_report;
    Token on_report(std::function<void(const jobs::Report&, const Receipt&)> handler) override;
    bool hears_reports() override { return reports_.is_listening() && !reports_.is_full(); }
    Token on_presence(std::function<void(const jobs::Presence&)> handler) override;

private:
    /// Messages that came over one connection and were not acknowledged yet. Receipts may outlive
    /// the connection, and say nothing then: the broker sends those messages again.
    class Receipts {
    public:
        void begin_connection();
        Receipt add(const std::shared_ptr<Receipts>& self, std::uint64_t tag);
        /// Those that were given since.
        std::vector<std::uint64_t> take();
        bool is_full() const;

    private:
        void give(std::uint64_t connection, std::uint64_t tag);

        mutable std::mutex mutex_;
        std::uint64_t connection_ = 0;
        std::set<std::uint64_t> open_;
        std::vector<std::uint64_t> given_;
    };

    /// All who listen to messages of one kind, and the consumer that hears for them.
    template <typename Message>
    class Hearing {
    public:
        using Decode = Result<Message> (*)(std::string_view);
        using Prepare = std::function<Result<std::string>(Connection&)>;

        Hearing(const AmqpUrl& url, std::string name, Prepare prepare, Decode decode);
        Token listen(std::function<void(const Message&, const Receipt&)> handler);
        bool is_listening() { return consumer_.is_listening(); }
        /// As many messages wait for their receipts as may: nothing else comes.
        bool is_full() const { return receipts_->is_full(); }

    private:
        Result<void> handle(Connection& connection, const Delivery& delivery);
        Result<void> acknowledge(Connection& connection);

        const Decode decode_;
        const std::shared_ptr<Receipts> receipts_ = std::make_shared<Receipts>();
        ListenerList<Message, Receipt> listeners_;
        Consumer consumer_;  ///< Last: its thread uses all of the above.
    };

    std::shared_ptr<OrderInbox> inbox(const std::string& worker);

    const AmqpUrl url_;
    Publisher publisher_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<OrderInbox>> inboxes_;  ///< By worker.
    Hearing<jobs::CancelOrder> cancels_;
    Hearing<jobs::Report> reports_;
    Hearing<jobs::Presence> presences_;
};

}  // namespace img::broker
