#include "syntax/diagnostic.hpp"

#include <gtest/gtest.h>

namespace img::syntax {
namespace {

TEST(Diagnostic, ReadsAsCompilersWriteThem) {
    EXPECT_EQ(to_text({.severity = Severity::error,
                       .where = {.file = "root.ks", .line = 12, .column = 6},
                       .text = "part / needs --size"}),
              "root.ks:12:6: error: part / needs --size");
}

TEST(Diagnostic, LeavesOutWhatItDoesNotKnow) {
    const Location nowhere{.file = "root.ks", .line = 0, .column = 0};
    EXPECT_EQ(to_text({.severity = Severity::note, .where = nowhere, .text = "x"}),
              "root.ks: note: x");
    const Location whole_line{.file = "root.ks", .line = 3, .column = 0};
    EXPECT_EQ(to_text({.severity = Severity::warning, .where = whole_line, .text = "x"}),
              "root.ks:3: warning: x");
}

}  // namespace
}  // namespace img::syntax
