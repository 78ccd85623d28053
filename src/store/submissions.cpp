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
enum class Match {
    same_id = 1,
    same_reference = 2,
    others_reference = 3,  ///< Another user's.
    used_reference = 4,    ///< The same user's, of another request.
    same_digest = 5,
    same_name = 6,
};

struct Found {
    std::string id{};
    Match match = Match::same_id;
};

// One statement for all questions: each one more would be a journey to PostgreSQL and back. A job
// that was cancelled lets go of its references. An image that is there goes before a build under
// way.
constexpr const char* kMatches =
    "SELECT match, id FROM ("
    " SELECT 1 AS match, id FROM jobs WHERE id = :id AND digest = :same"
    " UNION ALL SELECT CASE WHEN r.owner NOT IN ('', :user) THEN 3"
    "  WHEN j.digest NOT IN ('', :asked) THEN 4 ELSE 2 END, j.id"
    "  FROM job_references r JOIN jobs j ON j.row = r.job"
    "  WHERE r.reference = :reference AND j.state <> 'cancelled'"
    " UNION ALL SELECT * FROM (SELECT 5, id FROM jobs WHERE digest = :digest AND digest <> ''"
    "  AND (state IN ('queued', 'building')"
    "   OR (state = 'done' AND removed = 0 AND finished >= :since))"
    "  ORDER BY finished DESC, row DESC LIMIT 1) AS same"
    " UNION ALL SELECT 6, id FROM jobs WHERE owner = :owner AND name = :name"
    "  AND state IN ('queued', 'building')"
    ") AS found ORDER BY match LIMIT 1";

std::optional<Found> find_match(Session& sql,
                                const Job& job,
                                const std::string& digest,
                                jobs::Time joins_since) {
    int match = 0;
    Found found;
    Query query(sql, kMatches);
    const auto user = jobs::user_of(job.request);
    query.with(job.id).with(digest).with(user).with(digest).with(job.request.reference);
    query.with(job.request.is_fresh ? "" : digest).with(stored(joins_since));
    query.with(user).with(job.request.name);
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

/// The job gets the request's reference as one of its own, if there is one; a job that was
/// cancelled may have had it.
void refer(Session& sql, const jobs::JobRequest& request, const std::string& id) {
    if (!request.reference.empty()) {
        Query(sql,
              "INSERT INTO job_references (reference, owner, job) "
              "SELECT CAST(:reference AS TEXT), CAST(:owner AS TEXT), row FROM jobs WHERE id = :id "
              "ON CONFLICT (reference) DO UPDATE SET job = excluded.job, owner = excluded.owner")
            .with(request.reference)
            .with(jobs::user_of(request))
            .with(id)
            .run();
    }
}

/// The answer where the job that is there is in the way; nothing where it is not.
std::optional<Error> refusal(const jobs::JobRequest& request, const Found& found) {
    switch (found.match) {
        case Match::others_reference:
            return Error{Fault::invalid,
                         fmt::format("reference {}: job {} of another user has it; take another "
                                     "one, for no two users can have the same",
                                     request.reference, found.id)};
        case Match::used_reference:
            return Error{Fault::invalid,
                         fmt::format("reference {}: job {} has it, which was another request; take "
                                     "another one, or send that request as it was",
                                     request.reference, found.id)};
        case Match::same_name:
            return Error{Fault::invalid,
                         fmt::format("name {}: job {} has it and is not finished; take another "
                                     "name, or cancel that job",
                                     request.name, found.id)};
        case Match::same_id:
        case Match::same_reference:
        case Match::same_digest: break;
    }
    return std::nullopt;
}

}  // namespace

Result<Added> submit(Session& sql, const Job& job, jobs::Time joins_since) {
    const auto digest = jobs::digest_of(job.request);
    const auto found = find_match(sql, job, digest, joins_since);
    if (!found) {
        insert(sql, job, digest);
        refer(sql, job.request, job.id);
        owe_notice(sql, job.id);
        return Added{.id = job.id};
    }
    if (auto refused = refusal(job.request, *found)) {
        return std::unexpected(*std::move(refused));
    }
    if (found->match == Match::same_digest) {
        refer(sql, job.request, found->id);
        Query(sql, "UPDATE jobs SET joined = joined + 1 WHERE id = :id").with(found->id).run();
    }
    return Added{.id = found->id, .is_joined = found->match != Match::same_id};
}

}  // namespace img::store
