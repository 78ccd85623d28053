#include "store/job_writer.hpp"

#include "store/soci_border.hpp"

#include <algorithm>

namespace img::store {

Result<void> JobWriter::write(Durability durability, Work work) {
    Waiting mine{.work = std::move(work), .durability = durability};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&mine);
    changed_.wait(lock, [&] { return mine.is_done || !is_busy_; });
    if (!mine.is_done) {
        lead(lock);
    }
    return std::move(mine.result);
}

Result<void> JobWriter::read(const Work& read) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !is_busy_; });
    return guarded([&] { return read(sql_); });
}

/// Does the work of all that are waiting, its own among them.
void JobWriter::lead(std::unique_lock<std::mutex>& lock) {
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

void JobWriter::run(std::vector<Waiting*>& batch) {
    const auto together = transact(batch);
    if (together) {
        return;
    }
    if (batch.size() == 1) {
        batch.front()->result = together;
        return;
    }
    // One of them spoilt it for all. Each by itself, so that only that one fails.
    for (auto* one : batch) {
        const auto alone = transact({one});
        if (!alone) {
            one->result = alone;
        }
    }
}

/// An error is of the whole transaction, and then nothing of it has happened.
Result<void> JobWriter::transact(const std::vector<Waiting*>& batch) {
    const bool may_relax = std::ranges::all_of(
        batch, [](const Waiting* one) { return one->durability == Durability::relaxed; });
    auto outcome = guarded([&]() -> Result<void> {
        if (may_relax != is_relaxed_) {
            sql_ << (may_relax ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
            is_relaxed_ = may_relax;
        }
        sql_ << "BEGIN IMMEDIATE";
        for (auto* one : batch) {
            one->result = one->work(sql_);
            if (!one->result && batch.size() > 1) {
                return one->result;
            }
            TRY(one->result);
        }
        sql_ << "COMMIT";
        return {};
    });
    if (!outcome) {
        // SQLite has rolled back by itself after some errors; then this one says so, and may.
        (void)guarded([&]() -> Result<void> {
            sql_ << "ROLLBACK";
            return {};
        });
    }
    return outcome;
}

}  // namespace img::store
