// What every JobStore must do, whatever database is behind it: one suite, a URL for each.
//
// A test program includes this and says INSTANTIATE_TEST_SUITE_P(…, JobStoreSuite, …) with
// functions that open an empty store.
#pragma once

#include "tests/support/job_store/lists.hpp"
#include "tests/support/job_store/moves.hpp"
#include "tests/support/job_store/outbox.hpp"
#include "tests/support/job_store/service_tables.hpp"
#include "tests/support/job_store/submissions.hpp"
