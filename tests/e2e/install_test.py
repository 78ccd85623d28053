#!/usr/bin/env python3
"""`cmake --install` into an empty folder: everything is there, works from there, and looks for
nothing in the checkout.

    tests/e2e/install_test.py build/release [--cmake cmake]
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from service import Service
from verdict import Checks, Trouble

PROGRAMS = ["img", "img-admin", "img-client", "img-worker", "imgd"]
CHECKOUT = Path(__file__).parents[2]


def run(*argv, **more):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, **more)
    return done.returncode, done.stdout + done.stderr


def adapted(text, etc):
    """An example of packaging/examples with its paths below the test's own folder."""
    return text.replace("/etc/img", str(etc)).replace("/var/lib", str(etc.parent / "lib"))


def all_lines(text):
    """What an example says and what it only offers, `# key = value`; of two the later."""
    lines = re.findall(r"^(?:# )?([a-z0-9-]+ = .*)$", text, re.MULTILINE)
    return "\n".join({line.split(" = ")[0]: line for line in lines}.values())


def check_links(documents, check):
    """What a document of the installation leads to is installed too."""
    gone = [f"{file.relative_to(documents)}: {link}" for file in documents.rglob("*.md")
            for link in re.findall(r"\]\(([^)#:]+)\)", file.read_text())
            if not (file.parent / link).exists()]
    check("no document leads to one that is not there", not gone, ", ".join(gone))


def check_files(prefix, check):
    found = sorted(os.listdir(prefix / "bin"))
    check("the programs are there", found == PROGRAMS, ", ".join(found))
    check("what they preload is there", (prefix / "lib/img/libimg-steady.so").is_file())
    for unit in ("imgd", "img-worker"):
        text = (prefix / f"lib/systemd/system/{unit}.service").read_text()
        check(f"{unit}.service starts a program that is there", f"ExecStart=/usr/bin/{unit} " in text)
        for name in re.findall(r"/etc/img/([a-z.-]+)", re.sub("^#.*$", "", text, flags=re.MULTILINE)):
            check(f"{unit}.service has an example of its {name}",
                  (prefix / "share/doc/img/examples" / name).is_file())
    for document in ("README.md", "LICENSE", "docs/operate.md"):
        check(f"{document} is there", (prefix / "share/doc/img" / document).is_file())
    check_links(prefix / "share/doc/img", check)


def check_programs(prefix, work, check):
    for program in PROGRAMS:
        code, said = run(str(prefix / "bin" / program), "--help")
        check(f"{program} --help says how it is called", code == 0 and f"Usage: {program} " in said)
        code, said = run(str(prefix / "bin" / program), "--version")
        check(f"{program} --version says which it is",
              code == 0 and re.fullmatch(rf"{program} \d+\.\d+\.\d+\n", said), said)
        code, said = run(str(prefix / "bin" / program), "--hepl")
        check(f"{program} says what is wrong with its words, and where help is",
              code == 2 and re.fullmatch(rf"img(-\w+|d)?: .*--hepl.*\nSee `{program} --help`.\n", said),
              said)
    for program in ("imgd", "img-worker"):
        code, said = run(str(prefix / "bin" / program), "--config", f"{work}/none.conf")
        check(f"{program} says that its configuration is not there",
              code == 3 and said.startswith(f"{program}: --config {work}/none.conf: there is no"), said)
    img = str(prefix / "bin/img")
    code, said = run(img, "admin", "--help")
    check("img admin --help says how it is called", code == 0 and "Usage: img admin " in said)
    code, said = run(img, "check", str(prefix / "share/doc/img/examples/debian-minimal.ks"))
    check("img checks the example", code == 0, "" if code == 0 else said)
    code, said = run(img, "admin", "migrate", "--store", f"sqlite:{work}/jobs.db")
    check("img starts the img-admin beside it", code == 0, "" if code == 0 else said)


def check_configurations(prefix, work, check):
    """Each line of an example is one that the program takes, also those that are only offered."""
    etc = work / "etc"
    (etc / "templates").mkdir(parents=True)
    (etc / "upload-tokens").touch()
    (etc / "upload-token").write_text("token\n")
    (etc / "s3-credentials").write_text("AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b\n")
    os.chmod(etc / "s3-credentials", 0o600)
    environment = {**os.environ, "IMG_BROKER": "amqp://a:b@127.0.0.1/img"}
    for program in ("imgd", "img-worker"):
        example = prefix / f"share/doc/img/examples/{program}.conf"
        for kind, change in (("as it is", str), ("with all that it offers", all_lines)):
            conf = etc / f"{program}.conf"
            conf.write_text(adapted(change(example.read_text()), etc))
            code, said = run(str(prefix / "bin" / program), "--config", str(conf),
                             "--check-config", env=environment)
            check(f"{program}.conf is good, {kind}", code == 0, "" if code == 0 else said)
    for words, wrong in ((["--builder", "nix"], "imgd: --builder nix: there is no such program"),
                         (["--url", "foo"], "imgd: --url foo: give the address"),
                         (["--config", str(etc / "wrong.conf")],
                          f"imgd: {etc}/wrong.conf: there is no setting 'lisen'; "
                          "did you mean 'listen'?")):
        (etc / "wrong.conf").write_text('lisen = "127.0.0.1:8080"\n')
        code, said = run(str(prefix / "bin/imgd"), "--check-config", *words)
        check(f"imgd --check-config finds {' '.join(words)}", code in (1, 2) and said.startswith(wrong),
              said)


def check_templates(prefix, work, check):
    """The service starts as its unit starts it, and finds the templates that come with it."""
    service = Service(prefix / "bin/imgd", work / "data", work / "imgd.log")
    conf = work / "imgd.conf"
    example = (prefix / "share/doc/img/examples/imgd.conf").read_text()
    conf.write_text(adapted(example, work / "etc"))
    service.arguments = ["--config", str(conf)]
    try:
        service.start()
        code, said = run(str(prefix / "bin/img"), "templates", "--server",
                         f"http://127.0.0.1:{service.port}")
        wanted = sorted(file.stem for file in (CHECKOUT / "examples/templates").glob("*.ks"))
        good = code == 0 and wanted and all(name in said for name in wanted)
        check("imgd offers the templates that were installed", good, "" if good else said)
    finally:
        service.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("--cmake", default="cmake")
    options = parser.parse_args()
    check = Checks()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        prefix = work / "usr"
        code, said = run(options.cmake, "--install", str(options.build), "--prefix", str(prefix))
        if code != 0:
            print(said[-2000:])
            return 1
        try:
            check_files(prefix, check)
            check_programs(prefix, work, check)
            check_configurations(prefix, work, check)
            check_templates(prefix, work, check)
        except Trouble as trouble:
            check(str(trouble), False)
    print(f"{check.made - check.failed} of {check.made} checks passed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
