#!/usr/bin/env python3
"""Gives every kickstart of tests/corpus/kickstart to `img check` and `img print`.

    tests/corpus/corpus_test.py build/release/bin/img [--only PATTERN]

A valid file has no error; a wrong one has errors in exactly the lines that its head names, and says
of the lines that are wrong in commands which IMG does not build that they do nothing or are refused;
what is printed of a valid one prints as the same text again; and every command and section of
`img commands` is used by some file.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "kickstart"
FILES_MIN = 64
OPTIONS_USED_MIN = 0.95  # "nearly every option"
HEAD = re.compile(r"# (project|syntax): (\S.*)")


def run(img, *words):
    return subprocess.run([img, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def check(img, path):
    """What `img check` says of a file, or a list with one sentence about why that is nothing."""
    done = run(img, "check", "--json", str(path))
    if done.returncode not in (0, 1):
        return None, [f"img check: exit {done.returncode} {done.stderr.decode(errors='replace')}"]
    try:
        return json.loads(done.stdout)["diagnostics"], []
    except (ValueError, KeyError, TypeError) as error:
        return None, [f"img check: no JSON: {error}"]


def check_head(path):
    head = dict(match.groups() for line in path.read_text().splitlines()[:12]
                if (match := HEAD.match(line)))
    return [f"its head has no '# {name}:'" for name in ("project", "syntax") if name not in head]


def check_valid(img, path, work):
    diagnostics, wrong = check(img, path)
    for said in diagnostics or []:
        if said["severity"] == "error":
            wrong.append(f"{said['file']}:{said['line']}: {said['text']}")
    if wrong:
        return wrong
    return check_print(img, path, work)


def check_print(img, path, work):
    once = run(img, "print", str(path))
    if once.returncode != 0:
        return [f"img print: exit {once.returncode} {once.stderr.decode(errors='replace')}"]
    printed = work / "printed.ks"
    printed.write_bytes(once.stdout)
    twice = run(img, "print", str(printed))
    if twice.returncode != 0:
        return [f"what is printed is refused: {twice.stderr.decode(errors='replace')}"]
    if twice.stdout != once.stdout:
        return [f"what is printed prints as\n{twice.stdout.decode(errors='replace')}\ninstead of\n"
                + once.stdout.decode(errors="replace")]
    return []


def check_invalid(img, path):
    wanted, idle = lines_named(path, "errors"), lines_named(path, "not built")
    if not wanted:
        return ["its head has no '# errors:'"]
    diagnostics, wrong = check(img, path)
    if wrong:
        return wrong
    here = [said for said in diagnostics if said["file"] == str(path)]
    lines = {said["line"] for said in here if said["severity"] == "error"}
    spoken = {said["line"] for said in here if said["severity"] in ("note", "refused")}
    return ([f"line {line} has no error" for line in sorted(wanted - lines)]
            + [f"line {line} has an error" for line in sorted(lines - wanted)]
            + [f"nothing is said of line {line}" for line in sorted(idle - spoken)])


def lines_named(path, title):
    found = re.search(rf"^# {title}:([\d ]+)$", path.read_text(), re.MULTILINE)
    return {int(word) for word in found[1].split()} if found else set()


def words_used(path, sections):
    """The commands and sections of a file, and their options: (name, None) or (name, option)."""
    body = False
    for line in path.read_text().splitlines():
        name = line.split()[0] if line.split() else ""
        if body and name not in sections and name != "%end":
            continue
        body = name in sections
        if not name or name.startswith("#") or name == "%end":
            continue
        words = shlex.split(line, comments=True)
        yield words[0], None
        for word in words[1:]:
            if word.startswith("--"):
                yield words[0], word.split("=")[0]


def check_coverage(img, files):
    done = run(img, "commands", "--json")
    if done.returncode != 0:
        return [f"img commands: exit {done.returncode}"]
    language = json.loads(done.stdout)
    sections = {row["name"] for row in language["sections"]}
    used = {word for path in files for word in words_used(path, sections)}
    rows = language["commands"] + language["sections"]
    wrong = [f"no file uses {row['name']}" for row in rows if (row["name"], None) not in used]
    # Names of one thing, such as part and partition, or scripts of several hours, share options.
    same = {}
    for row in rows:
        same.setdefault(frozenset(option["name"] for option in row["options"]), []).append(row["name"])
    unused, count = [], 0
    for names, rows_of in same.items():
        missing = [name for name in names if not any((row, name) in used for row in rows_of)]
        unused += [f"{rows_of[0]} {name}" for name in sorted(missing)]
        count += len(names)
    print(f"{len(rows)} commands and sections, {count} options; not used:",
          ", ".join(unused) or "none")
    if len(unused) > (1 - OPTIONS_USED_MIN) * count:
        wrong.append(f"{len(unused)} of {count} options are used by no file")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", help="the img program")
    parser.add_argument("--only", default="", help="a pattern on the paths of the files")
    options = parser.parse_args()
    img = os.path.abspath(options.img)
    files = sorted(CORPUS.rglob("*.ks"))
    valid = [path for path in files if path.parent.name != "invalid"]
    failures = 0

    def report(title, wrong):
        nonlocal failures
        failures += bool(wrong)
        if wrong:
            print(f"FAIL {title}\n     " + "\n     ".join(wrong))

    with tempfile.TemporaryDirectory(prefix="img-corpus-") as folder:
        for path in files:
            title = str(path.relative_to(CORPUS))
            if not re.search(options.only, title):
                continue
            if path in valid:
                report(title, check_head(path) + check_valid(img, path, Path(folder)))
            else:
                report(title, check_invalid(img, path))
    if not options.only:
        report("the corpus", [] if len(valid) >= FILES_MIN else [f"only {len(valid)} valid files"])
        report("the language", check_coverage(img, valid))
    print(f"FAIL: {failures}" if failures else f"PASS: {len(files)} files")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
