#!/usr/bin/env python3
"""`img admin` is done by img-admin, however img was called; and what img does most often loads no
library of a database.

    tests/e2e/admin_test.py build/release/bin
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

failed = made = 0


def check(good, name, detail=""):
    global failed, made
    made += 1
    failed += not good
    print(f"{'PASS' if good else 'FAIL'}: {name}" + ("" if good else f": {detail}"), flush=True)


def run(*argv, **more):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, **more)
    return done.returncode, done.stdout, done.stderr


def ways_to_call(programs, work):
    """Each a name, the word that is img, and what subprocess needs for it."""
    link = work / "elsewhere" / "image-tool"
    link.parent.mkdir()
    link.symlink_to(programs / "img")
    path = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    return [("by its path", str(programs / "img"), {}),
            ("by a relative path", "./img", {"cwd": programs}),
            ("through PATH", "img", {"env": path, "cwd": work}),
            ("by a symbolic link", str(link), {"cwd": work})]


def test_calls(programs, work):
    fresh = "the tables were of version 0 and are of version 5 now\n"
    for number, (name, img, more) in enumerate(ways_to_call(programs, work)):
        store = f"sqlite:{work}/{number}.db"
        answer = run(img, "admin", "migrate", "--store", store, **more)
        check(answer == (0, fresh, ""), f"img admin migrate, {name}", str(answer))
        backup = work / f"{number}.backup"
        code, out, err = run(img, "admin", "backup", "--store", store, str(backup), **more)
        check(code == 0 and out.startswith("backed up 0 jobs,"), f"img admin backup, {name}",
              out + err)
        code, out, err = run(img, "admin", "restore", "--store", f"sqlite:{work}/{number}-2.db",
                             str(backup), **more)
        check(code == 0 and out.startswith("restored 0 jobs,"), f"img admin restore, {name}",
              out + err)


def test_failures(programs, work):
    img = str(programs / "img")
    store = f"sqlite:{work}/failures.db"
    code, _, err = run(img, "admin", "restore", "--store", store, str(work / "none"))
    check(code == 3 and err.startswith("img: "), "a backup that is not there is not found", err)
    code, _, err = run(img, "admin", "polish", "--store", store)
    check(code == 2 and "See `img admin --help`" in err, "a wrong word is usage", err)
    code, out, _ = run(img, "help", "admin")
    check(code == 0 and "img admin [OPTIONS] action" in out, "img help admin", out)
    code, out, err = run(img, "admin", "migrate", env={**os.environ, "IMG_STORE": store})
    check(code == 0, "IMG_STORE names the database", out + err)
    alone = work / "alone" / "img"
    alone.parent.mkdir()
    shutil.copy(img, alone)
    code, _, err = run(str(alone), "admin", "migrate", "--store", store)
    check(code == 6 and f"cannot start {alone}-admin" in err and "No such file" in err,
          "without img-admin a sentence names it", err)


def test_libraries(programs):
    for program, expected in (("img", False), ("img-admin", True)):
        _, out, _ = run("ldd", str(programs / program))
        check(("libpq" in out) == expected and ("libsoci" in out) == expected,
              f"{program} is linked with {'' if expected else 'no '}libraries of databases")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=Path, help="folder of img and img-admin")
    programs = parser.parse_args().programs.resolve()
    with tempfile.TemporaryDirectory(prefix="img-admin-test-") as work:
        test_calls(programs, Path(work))
        test_failures(programs, Path(work))
    test_libraries(programs)
    print(f"admin test: {made - failed} passed, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
