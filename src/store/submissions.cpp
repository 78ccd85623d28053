#include "store/submissions.hpp"

#include "store/job_row.hpp"
#include "store/outbox_table.hpp"
#include "store/query.hpp"

#include <fmt/format.h>
#include <optional>

namespace img::store {
namespace {

using jobs::Added;
using jobs::Job;

/// Why a job that is there stands in for the one that comes, or in its way.
enum class Match { same_id = 1, same_reference = 2, same_digest = 3, same_name = 4 };

struct Found {
    std::string id{};
    Match match = Match::same_id;
};

// One statement for all four questions: each one more would be a journey to PostgreSQL and back. An
// image that is there goes before a build under way.
constexpr const char* kMatches =
    "SELECT match, id FROM ("
    " SELECT 1 AS match, id FROM jobs WHERE id = :id AND digest = :same"
    " UNION ALL SELECT 2, j.id FROM job_references r JOIN jobs j ON j.row = r.job"
    "  WHERE r.reference = :reference"
    " UNION ALL SELECT * FROM (SELECT 3, id FROM jobs WHERE digest = :digest AND digest <> ''"
    "  AND (state IN ('queued', 'building')"
    "   OR (state = 'done' AND removed = 0 AND finished >= :since))"
    "  ORDER BY finished DESC, row DESC LIMIT 1) AS same"
    " UNION ALL SELECT 4, id FROM jobs WHERE owner = :owner AND name = :name"
    "  AND state IN ('queued', 'building')"
    ") AS found ORDER BY match LIMIT 1";

std::optional<Found> find_match(Session& sql,
                                const Job& job,
                                const std::string& digest,
                                jobs::Time joins_since) {
    int match = 0;
    Found found;
    Query query(sql, kMatches);
    query.with(job.id).with(digest).with(job.request.reference);
    query.with(job.request.is_fresh ? "" : digest).with(stored(joins_since));
    query.with(jobs::user_of(job.request)).with(job.request.name);
    query.into(match).into(found.id);
    if (!query.run()) {
        return std::nullopt;
    }
    found.match = static_cast<Match>(match);
    return found;
}

void insert(Session& sql, const Job& job, const std::string& digest) {
    const auto& request = job.request;
    Query query(sql,
                "INSERT INTO jobs (id, name, image_type, overlay, email, state, attempt, created, "
                "owner, reference, architecture, priority, is_fresh, digest, template, kickstart) "
                "VALUES (:id, :name, :type, :overlay, :email, 'queued', :attempt, :created, "
                ":owner, :reference, :architecture, :priority, :fresh, :digest, :template, "
                ":kickstart)");
    query.with(job.id).with(request.name).with(request.image_type).with(request.overlay);
    query.with(request.email).with(job.attempt).with(stored(job.created));
    query.with(jobs::user_of(request)).with(request.reference).with(request.architecture);
    query.with(request.priority).with(request.is_fresh ? 1 : 0).with(digest);
    query.with(request.template_name).with_bytes(request.kickstart).run();
}

/// The job gets the reference as one of its own, if there is one.
void refer(Session& sql, const std::string& reference, const std::string& id) {
    if (!reference.empty()) {
        Query(sql,
              "INSERT INTO job_references (reference, job) "
              "SELECT :reference, row FROM jobs WHERE id = :id")
            .with(reference)
            .with(id)
            .run();
    }
}

}  // namespace

Result<Added> submit(Session& sql, const Job& job, jobs::Time joins_since) {
    const auto digest = jobs::digest_of(job.request);
    const auto found = find_match(sql, job, digest, joins_since);
    if (!found) {
        insert(sql, job, digest);
        refer(sql, job.request.reference, job.id);
        owe_notice(sql, job.id);
        return Added{.id = job.id};
    }
    if (found->match == Match::same_name) {
        return fail(Fault::invalid, fmt::format("name {}: job {} has it and is not finished; take "
                                                "another name, or cancel that job",
                                                job.request.name, found->id));
    }
    if (found->match == Match::same_digest) {
        refer(sql, job.request.reference, found->id);
    }
    return Added{.id = found->id, .is_joined = found->match != Match::same_id};
}

}  // namespace img::store
