#include "kickstart/command_printer.hpp"
#include "kickstart/kickstart.hpp"
#include "syntax/printed_line.hpp"

namespace img::kickstart {
namespace {

using syntax::as_word;
using syntax::PrintedLine;

std::string_view name_of(ScriptKind kind) {
    switch (kind) {
        case ScriptKind::pre: return "%pre";
        case ScriptKind::pre_install: return "%pre-install";
        case ScriptKind::post: return "%post";
        case ScriptKind::on_error: return "%onerror";
        case ScriptKind::traceback: return "%traceback";
        case ScriptKind::pack: return "%pack";
    }
    return "%post";
}

std::string_view flag_of(GroupScope scope) {
    switch (scope) {
        case GroupScope::mandatory: return " --nodefaults";
        case GroupScope::defaults: return "";
        case GroupScope::all: return " --optional";
    }
    return "";
}

std::string header(const Packages& packages) {
    PrintedLine line("%packages");
    line.flag("--excludedocs", packages.exclude_docs)
        .flag("--exclude-weakdeps", packages.exclude_weakdeps)
        .flag("--nocore", packages.no_core)
        .flag("--ignoremissing", packages.ignore_missing)
        .flag("--ignorebroken", packages.ignore_broken)
        .flag("--multilib", packages.multilib);
    if (packages.languages) {
        line.flag("--inst-langs=" + join(*packages.languages, ","));
    }
    return line.text();
}

std::string section(std::string_view name, const std::string& body) {
    return body.empty() ? std::string() : fmt::format("\n{}\n{}%end\n", name, body);
}

template <typename Name>
std::string lines(std::string_view mark, const std::vector<Name>& names) {
    std::string text;
    for (const auto& name : names) {
        text += fmt::format("{}{}\n", mark, name.text);
    }
    return text;
}

std::string print(const Packages& packages) {
    std::string text = section("%prepackages", lines("", packages.first));
    Packages others = packages;
    others.first.clear();
    if (!others.where && others == Packages{}) {
        return text;
    }
    text += '\n' + header(packages);
    for (const auto& group : packages.groups) {
        text += fmt::format("@{}{}\n", group.text, flag_of(group.scope));
    }
    return text + lines("", packages.names) + lines("-@", packages.excluded_groups) +
           lines("-", packages.excluded) + lines("", packages.unread) + "%end\n";
}

std::string print(const Script& script) {
    const bool beside = script.kind == ScriptKind::post && !script.in_tree;
    return fmt::format(
        "\n{}{}%end\n",
        PrintedLine(name_of(script.kind))
            .flag("--nochroot", beside)
            .flag("--erroronfail", script.error_on_fail)
            .option("--interpreter", script.interpreter == "/bin/sh" ? "" : script.interpreter)
            .option("--log", script.log)
            .text(),
        script.body);
}

std::string print(const Certificate& certificate) {
    return fmt::format("\n{}{}%end\n",
                       PrintedLine("%certificate")
                           .option("--filename", certificate.file_name)
                           .option("--dir", certificate.folder)
                           .option("--type", certificate.type)
                           .text(),
                       certificate.body);
}

std::string print(const IdleSection& idle) {
    PrintedLine line(idle.words.front());
    for (std::size_t i = 1; i < idle.words.size(); ++i) {
        line.flag(as_word(idle.words[i]));
    }
    return fmt::format("\n{}{}%end\n", line.text(), idle.body);
}

template <typename Value>
std::string print(const std::vector<Value>& values) {
    std::string text;
    for (const auto& value : values) {
        text += print(value);
    }
    return text;
}

}  // namespace

std::string print(const Document& document) {
    return print_commands(document) + print(document.packages) +
           section("%attachment", lines("", document.attachments)) + print(document.certificates) +
           print(document.scripts) + print(document.idle_sections);
}

}  // namespace img::kickstart
