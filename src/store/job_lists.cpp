#include "store/job_lists.hpp"

#include "store/job_row.hpp"
#include "store/query.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace img::store {
namespace {

using jobs::Job;

constexpr std::size_t kPageMax = 500;
constexpr std::size_t kListMax = 100'000;  // rows of a few hundred bytes in one answer
constexpr long long kEnd = std::numeric_limits<long long>::max();

long long bounded(std::size_t limit, std::size_t most) {
    return static_cast<long long>(std::min(limit, most));
}

}  // namespace

std::optional<std::vector<Job>> list_jobs(Session& sql, const jobs::JobFilter& filter) {
    long long before = kEnd;
    if (!filter.before.empty() &&
        !Query(sql, "SELECT row FROM jobs WHERE id = :id").with(filter.before).into(before).run()) {
        return std::nullopt;
    }
    // The state is one of our words, and in the text for PostgreSQL to see which index serves it.
    const auto state =
        filter.state ? fmt::format("state = '{}' AND ", to_text(*filter.state)) : std::string();
    Query query(sql, fmt::format("SELECT {} FROM jobs WHERE {}row < :before "
                                 "ORDER BY row DESC LIMIT :limit",
                                 JobRow::columns(Kickstart::without), state));
    query.with(before).with(bounded(filter.limit, kPageMax));
    return read_jobs(query);
}

std::uint64_t count_jobs(Session& sql, jobs::JobState state) {
    long long jobs = 0;
    Query(sql, "SELECT jobs FROM job_counts WHERE state = :state")
        .with(to_text(state))
        .into(jobs)
        .run();
    return static_cast<std::uint64_t>(jobs);
}

std::vector<Job> expired_jobs(Session& sql, jobs::Time now) {
    Query query(sql, "SELECT " + JobRow::columns(Kickstart::without) +
                         " FROM jobs WHERE state = 'building' AND lease_end < :now "
                         "ORDER BY lease_end LIMIT :limit");
    query.with(stored(now)).with(bounded(kPageMax, kPageMax));
    return read_jobs(query);
}

std::vector<jobs::QueuedJob> queued_jobs(Session& sql, std::int64_t after, std::size_t limit) {
    jobs::QueuedJob job;
    long long row = 0, created = 0;
    int attempt = 0;
    Query query(sql,
                "SELECT row, id, attempt, owner, name, image_type, architecture, priority, created "
                "FROM jobs WHERE state = 'queued' AND row > :after ORDER BY row LIMIT :limit");
    query.with(after).with(bounded(limit, kListMax));
    query.into(row).into(job.id).into(attempt).into(job.user).into(job.name).into(job.image_type);
    query.into(job.architecture).into(job.priority).into(created);
    std::vector<jobs::QueuedJob> waiting;
    for (bool is_there = query.run(); is_there; is_there = query.next()) {
        job.row = row;
        job.attempt = static_cast<unsigned>(attempt);
        job.created = time_of(created);
        waiting.push_back(job);
    }
    return waiting;
}

std::vector<jobs::BuildTime> build_times(Session& sql, std::size_t limit) {
    jobs::BuildTime build;
    long long took = 0;
    Query query(sql,
                "SELECT name, image_type, finished - started FROM jobs WHERE state = 'done' "
                "ORDER BY finished DESC, row DESC LIMIT :limit");
    query.with(bounded(limit, kListMax)).into(build.name).into(build.image_type).into(took);
    std::vector<jobs::BuildTime> times;
    for (bool is_there = query.run(); is_there; is_there = query.next()) {
        build.took = std::chrono::milliseconds(took);
        times.push_back(build);
    }
    return times;
}

std::optional<std::vector<jobs::KeptImage>> kept_images(Session& sql,
                                                        const std::string& after,
                                                        std::size_t limit) {
    long long after_time = -1, after_row = -1;
    if (!after.empty() && !Query(sql, "SELECT finished, row FROM jobs WHERE id = :id")
                               .with(after)
                               .into(after_time)
                               .into(after_row)
                               .run()) {
        return std::nullopt;
    }
    jobs::KeptImage image;
    long long size = 0, finished = 0;
    int is_pinned = 0;
    Query query(sql,
                "SELECT id, owner, place, size, finished, is_pinned FROM jobs "
                "WHERE state = 'done' AND removed = 0 AND (finished, row) > (:time, :after) "
                "ORDER BY finished, row LIMIT :limit");
    query.with(after_time).with(after_row).with(bounded(limit, kListMax));
    query.into(image.id).into(image.user).into(image.place).into(size).into(finished);
    query.into(is_pinned);
    std::vector<jobs::KeptImage> images;
    for (bool is_there = query.run(); is_there; is_there = query.next()) {
        image.size = static_cast<std::uint64_t>(size);
        image.finished = time_of(finished);
        image.is_pinned = is_pinned != 0;
        images.push_back(image);
    }
    return images;
}

bool remove_image(Session& sql, const std::string& id, jobs::Time now) {
    std::string found;
    return Query(sql,
                 "UPDATE jobs SET removed = :now WHERE id = :id AND state = 'done' "
                 "AND removed = 0 AND is_pinned = 0 RETURNING id")
        .with(stored(now))
        .with(id)
        .into(found)
        .run();
}

bool pin_job(Session& sql, const std::string& id, bool is_pinned) {
    std::string found;
    return Query(sql, "UPDATE jobs SET is_pinned = :is WHERE id = :id AND removed = 0 RETURNING id")
        .with(is_pinned ? 1 : 0)
        .with(id)
        .into(found)
        .run();
}

}  // namespace img::store
