#!/usr/bin/env python3
"""Forbids what throws in std::filesystem: every call in src/ and apps/, but for tests, has to take
a std::error_code, every loop over a folder has to step by increment(error).

A thrown filesystem_error ends a program with SIGABRT in place of a sentence. Prints a line for each
breach and exits 1. system/files.hpp has short forms of the calls that the rooms need most.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CALLS = """absolute canonical weakly_canonical relative proximate copy copy_file copy_symlink
    create_directory create_directories create_hard_link create_symlink create_directory_symlink
    current_path equivalent exists file_size hard_link_count is_block_file is_character_file
    is_directory is_empty is_fifo is_other is_regular_file is_socket is_symlink last_write_time
    permissions read_symlink remove remove_all rename resize_file space status symlink_status
    temp_directory_path""".split()
# A path for an argument is enough for the compiler to find them without std::filesystem:: too. The
# other names are too common.
DISTINCT = """absolute weakly_canonical copy_file copy_symlink create_directory create_directories
    create_hard_link create_symlink create_directory_symlink file_size is_block_file
    is_character_file is_directory is_regular_file is_symlink last_write_time read_symlink
    resize_file symlink_status temp_directory_path""".split()
MEMBERS = """assign refresh replace_filename exists file_size hard_link_count is_block_file
    is_character_file is_directory is_fifo is_other is_regular_file is_socket is_symlink
    last_write_time status symlink_status increment pop""".split()

NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"\(.*?\)"|"(?:\\.|[^"\\\n])*"', re.S)
WALK = r"(?:recursive_)?directory_iterator"
ERROR_CODE = re.compile(r"\bstd::error_code\s*&?\s*(\w+)")
STATUS = re.compile(r"(?:\bfile_status\s*&?\s*|\bauto&?\s+)(\w+)\s*=[^;]*\bstatus\(")

THROWS = """
    fs::exists(path);
    fs::rename(a(b, error), c);
    std::filesystem::create_directories(folder / name(error));
    for (const auto& entry : fs::directory_iterator(folder, error)) {}
    for (fs::directory_iterator at(folder, error), end; at != end; ++at) {}
    auto walk = fs::recursive_directory_iterator(folder);
    const fs::directory_entry one(path);
    if (at->is_directory()) {}
    return is_regular_file(path);
    fs::is_directory(fs::symlink_status(path));
""".strip().split("\n")
DOES_NOT = """
    fs::exists(path, error);
    fs::path(name);
    // fs::exists(path), "fs::exists(path)"
    tree.exists(path), at->is_directory(error), system::absolute(path);
    for (; at != fs::directory_iterator(); at.increment(error)) {}
    fs::is_directory(fs::symlink_status(path, error));
    fs::is_directory(status);
    Result<fs::path> absolute(const fs::path& path);
""".strip().split("\n")
AROUND = """std::error_code error; const auto status = fs::status(file, error);
namespace fs = std::filesystem; fs::directory_iterator at;"""


def arguments(code, at):
    """What is in the parentheses or braces that open at `at`: one text for each argument."""
    depth, parts, start = 0, [], at + 1
    for end in range(at, len(code)):
        if code[end] in "([{":
            depth += 1
        elif code[end] in ")]}":
            depth -= 1
        if depth == 0 or (depth == 1 and code[end] == ","):
            parts.append(code[start:end].strip())
            start = end + 1
        if depth == 0:
            break
    return [part for part in parts if part]


def declares(code, at):
    """Whether what is called at `at` has a type before it: `Result<path> absolute(`."""
    before = re.search(r"([\w>&*]+)\s+$", code[:at])
    return bool(before) and before[1] not in ("return", "else", "case", "and", "or", "not")


class Source:
    def __init__(self, text):
        # In place of a comment or string, as many characters, so that places and lines stay.
        self.code = NOT_CODE.sub(lambda found: re.sub(r"[^\n]", "_", found[0]), text)
        names = re.findall(r"\bnamespace\s+(\w+)\s*=\s*std::filesystem\s*;", self.code)
        self.space = rf"\b(?:{'|'.join(['std::filesystem', 'fs', *names])})::"
        walks = re.findall(rf"\busing\s+(\w+)\s*=\s*{self.space}{WALK}\s*;", self.code)
        self.walk = rf"(?:{'|'.join([self.space + WALK, *walks])})"
        self.errors = set(ERROR_CODE.findall(self.code))
        self.statuses = set(STATUS.findall(self.code))

    def is_safe(self, at):
        """Whether the call whose arguments open at `at` takes an error_code, or asks a status."""
        parts = arguments(self.code, at)
        if len(parts) == 1 and re.fullmatch(r".*status\(.*\)", parts[0], re.S):
            return True
        known = self.errors | self.statuses if len(parts) == 1 else self.errors
        return bool(parts) and parts[-1] in known

    def calls(self):
        bare = rf"(?<![\w:.>])({'|'.join(DISTINCT)})\s*\("
        for pattern in (rf"{self.space}({'|'.join(CALLS)})\s*\(", bare):
            for found in re.finditer(pattern, self.code):
                declared = pattern is bare and declares(self.code, found.start())
                if not declared and not self.is_safe(found.end() - 1):
                    yield found.start(), f"{found[1]}()"

    def walks(self):
        made = rf"\b({self.walk}|{self.space}directory_entry)\s*\w*\s*[({{]"
        for found in re.finditer(made, self.code):
            # Without a folder it is the end of every loop.
            if arguments(self.code, found.end() - 1) and not self.is_safe(found.end() - 1):
                yield found.start(), f"{found[1]}()"
        for found in re.finditer(rf"\bfor\s*\([^;()]*[^:]:\s*{self.walk}", self.code):
            yield found.start(), "a for over a folder, which steps by ++,"

    def members(self):
        names = set(re.findall(rf"\b{self.walk}\s*&?\s+(\w+)", self.code))
        names |= set(re.findall(rf"\bauto\s+(\w+)\s*=\s*{self.walk}", self.code))
        names |= set(re.findall(r"\bdirectory_entry\s*&?\s*(\w+)", self.code))
        for name in names:
            for found in re.finditer(rf"\+\+\s*{name}\b|\b{name}\s*\+\+", self.code):
                yield found.start(), f"{found[0]}, not {name}.increment(),"
            for found in re.finditer(rf"\b{name}(?:\.|->)({'|'.join(MEMBERS)})\s*\(", self.code):
                if not self.is_safe(found.end() - 1):
                    yield found.start(), f"{name}.{found[1]}()"

    def breaches(self):
        """The line and the words of each call that throws."""
        found = {*self.calls(), *self.walks(), *self.members()}
        return sorted({(self.code.count("\n", 0, at) + 1, what) for at, what in found})


def check_itself():
    """What it finds in lines of which that is known."""
    for lines, throws in ((THROWS, True), (DOES_NOT, False)):
        for line in lines:
            if bool(Source(f"{line}\n{AROUND}").breaches()) != throws:
                yield f"check_filesystem.py {'misses' if throws else 'blames'} {line.strip()}"


def main():
    faults, files = list(check_itself()), 0
    for folder in ("src", "apps"):
        for file in sorted((ROOT / folder).rglob("*.[hc]pp")):
            if not file.stem.endswith("_test"):
                files += 1
                faults += [f"{file.relative_to(ROOT)}:{line}: {what} throws"
                           for line, what in Source(file.read_text()).breaches()]
    print("\n".join(faults) or f"{files} files: no std::filesystem call that throws")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
