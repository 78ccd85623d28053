#include "store/group_writer.hpp"

#include <algorithm>

namespace img::store {

Result<void> GroupWriter::write(Durability durability, Work work) {
    Waiting mine{.work = std::move(work), .durability = durability};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&mine);
    changed_.wait(lock, [&] { return mine.is_done || !is_busy_; });
    if (!mine.is_done) {
        lead(lock);
    }
    return std::move(mine.result);
}

Result<void> GroupWriter::read(const Work& read) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_busy_; });
    return connection_.read(read);
}

/// Does the work of all that are waiting, its own among them.
void GroupWriter::lead(std::unique_lock<std::mutex>& lock) {
    is_busy_ = true;
    std::vector<Waiting*> batch;
    batch.swap(waiting_);
    lock.unlock();
    run(batch);
    lock.lock();
    for (auto* one : batch) {
        one->is_done = true;
    }
    is_busy_ = false;
    changed_.notify_all();
}

void GroupWriter::run(std::vector<Waiting*>& batch) {
    const auto together = transact(batch);
    if (together) {
        return;
    }
    // If the database is away, it is for each of them; otherwise one of them spoilt it for all,
    // and each by itself will show which.
    const bool is_of_all = batch.size() == 1 || together.error().fault == Fault::transient;
    for (auto* one : batch) {
        one->result = is_of_all ? together : transact({one});
    }
}

/// An error is of the whole transaction, and then nothing of it has happened.
Result<void> GroupWriter::transact(const std::vector<Waiting*>& batch) {
    const bool may_relax = std::ranges::all_of(
        batch, [](const Waiting* one) { return one->durability == Durability::relaxed; });
    return connection_.transact(may_relax ? Durability::relaxed : Durability::synced,
                                [&](Session& sql) -> Result<void> {
                                    for (auto* one : batch) {
                                        TRY(one->work(sql));
                                    }
                                    return {};
                                });
}

}  // namespace img::store
