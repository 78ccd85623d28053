// Reads the section that a text is in, from its header to its %end.
#pragma once

#include "kickstart/section.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::kickstart {

class SectionReader {
public:
    explicit SectionReader(Reading reading) : reading_(reading) {}

    bool is_open() const { return open_; }
    /// Its lines are names, whose blanks in front mean nothing; otherwise they are kept as they
    /// are.
    bool has_names() const;

    /// A header, whether its section is known or not.
    void begin(const CommandLine& line);
    /// A line that is neither a header nor %end, with its tokens replaced.
    void add(const syntax::ExpandedLine& line, const Location& where);
    /// For print(): a line that would name another file, and cannot.
    void keep_line(std::string_view line, const Location& where);
    /// `rest` is what stands behind "%end", at `where`.
    void end(std::string_view rest, const Location& where);
    /// Another section begins before this one has ended.
    void interrupt();
    /// The text has ended: hands the packages over, and says which sections have no %end.
    void finish();

private:
    void begin_known(const CommandLine& line);
    /// For print(), as it was written.
    void keep(const CommandLine& line);
    void add_attachment(std::string_view text, const Location& where);

    struct Unended {
        std::string name;
        Location where;
    };

    Reading reading_;
    PackageWishes wishes_;
    PackageWishes first_wishes_;  // of %prepackages
    std::vector<PackageName> unread_;
    std::vector<PackageName> unread_first_;

    bool open_ = false;
    const Section* section_ = nullptr;  // nullptr inside a section that is not known
    Unended here_;
    std::string* body_ = nullptr;  // in the document; nullptr: no text is kept
    std::vector<Unended> unended_;
    bool any_ended_ = false;
};

}  // namespace img::kickstart
