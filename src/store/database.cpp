#include "store/database.hpp"

#include "store/migration.hpp"

namespace img::store {

Database::Database(std::unique_ptr<Dialect> dialect) : dialect_(std::move(dialect)) {
    if (dialect_->has_relaxed_writer()) {
        relaxed_writer_.emplace(*dialect_);
    }
    for (std::size_t i = 0; i < dialect_->readers(); ++i) {
        readers_.push_back(std::make_unique<Connection>(*dialect_));
        idle_.push_back(readers_.back().get());
    }
}

Result<void> Database::migrate() {
    TRY(store::migrate(writer_.connection(), *dialect_));
    return {};
}

Result<void> Database::write(Durability durability, Work work) {
    if (durability == Durability::relaxed && relaxed_writer_) {
        return relaxed_writer_->write(durability, std::move(work));
    }
    return writer_.write(durability, std::move(work));
}

Result<void> Database::run_reading(const Work& work) {
    if (readers_.empty()) {
        return writer_.read(work);
    }
    auto& reader = take_reader();
    const auto outcome = reader.read(work);
    give_back(reader);
    return outcome;
}

Connection& Database::take_reader() {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [this] { return !idle_.empty(); });
    auto& reader = *idle_.back();
    idle_.pop_back();
    return reader;
}

void Database::give_back(Connection& reader) {
    {
        const std::lock_guard lock(mutex_);
        idle_.push_back(&reader);
    }
    given_back_.notify_one();
}

}  // namespace img::store
