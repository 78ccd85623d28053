#include "http/stream.hpp"

#include <utility>

namespace img::http {

Stream::Stream(Producer producer, std::string heartbeat)
    : producer_(std::move(producer)), heartbeat_(std::move(heartbeat)) {}

void Stream::wake() {
    const std::lock_guard lock(mutex_);
    if (closed_ || !outlet_) {
        return;
    }
    again_ = true;
    if (!scheduled_ && !sending_) {
        scheduled_ = true;
        outlet_->post([self = shared_from_this()] { self->run(); });
    }
}

void Stream::run() {
    std::unique_lock lock(mutex_);
    // Bounded by the producer: a round without news or with bytes to send ends the loop.
    while (again_ && !closed_ && backlog_.empty()) {
        again_ = false;
        lock.unlock();
        producer_(*this);  // never changed, and scheduled_ keeps a second call out
        lock.lock();
    }
    scheduled_ = false;
    flush(lock);
}

bool Stream::write(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    if (closed_ || backlog_.size() + bytes.size() > kBacklogMax) {
        return false;
    }
    backlog_ += bytes;
    return true;
}

void Stream::flush(std::unique_lock<std::mutex>& /*held*/) {
    if (sending_ || !outlet_) {
        return;
    }
    if (!backlog_.empty()) {
        sending_ = true;
        last_sent_ = std::chrono::steady_clock::now();
        outlet_->send(std::exchange(backlog_, {}),
                      [self = shared_from_this()](bool ok) { self->sent(ok); });
    } else if (closed_) {
        const auto outlet = std::move(outlet_);
        outlet->finish();
    }
}

void Stream::sent(bool ok) {
    if (!ok) {
        detach();
        return;
    }
    std::unique_lock lock(mutex_);
    sending_ = false;
    if (closed_) {
        flush(lock);
        return;
    }
    lock.unlock();
    wake();
}

void Stream::close() {
    std::vector<std::shared_ptr<void>> kept;
    std::unique_lock lock(mutex_);
    closed_ = true;
    // Dropped after the lock: a watch token waits for calls that may be waiting for us.
    kept.swap(kept_);
    if (!scheduled_) {
        flush(lock);
    }
    lock.unlock();
}

bool Stream::is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

bool Stream::is_finished() const {
    const std::lock_guard lock(mutex_);
    return closed_ && !outlet_;
}

void Stream::keep(std::shared_ptr<void> thing) {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
        kept_.push_back(std::move(thing));
    }
}

void Stream::attach(std::unique_ptr<Outlet> outlet) {
    {
        const std::lock_guard lock(mutex_);
        outlet_ = std::move(outlet);
    }
    wake();
}

void Stream::detach() {
    std::vector<std::shared_ptr<void>> kept;
    std::unique_ptr<Outlet> outlet;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    backlog_.clear();
    kept.swap(kept_);
    outlet.swap(outlet_);
}

void Stream::beat(std::chrono::steady_clock::time_point now, std::chrono::seconds silence) {
    {
        std::unique_lock lock(mutex_);
        if (closed_ || sending_ || scheduled_ || now - last_sent_ < silence) {
            return;
        }
        if (backlog_.empty()) {
            backlog_ = heartbeat_;
            last_sent_ = now;
            flush(lock);
        }
    }
    wake();
}

}  // namespace img::http
