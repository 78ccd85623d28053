#!/usr/bin/env python3
"""Starts an imgd of its own and treats it badly: kill -9 of it and of its build, cancelled jobs,
wrong input. Exit 0: nothing was lost, nothing was published twice, nothing was left running.
"""
import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import processes
from service import Service, is_reachable, kickstart, list_of
from verdict import Trouble, expect


def published(service, job_id):
    """The one image of a finished job, its SHA-256 compared with what the service says."""
    images = list(service.data.rglob("*.raw"))
    own = [image for image in images if job_id in image.parts]
    expect(len(own) == 1, f"{len(own)} images of the job lie below the data folder: {images}")
    manifest = json.loads((own[0].parent / "manifest.json").read_text())
    listed = {item["name"]: item for item in list_of(service.artifacts(job_id))}
    expect(own[0].name in listed, f"{own[0].name} is not among the artifacts {sorted(listed)}")
    with open(own[0], "rb") as image:
        digest = hashlib.file_digest(image, "sha256").hexdigest()
    expect(digest in json.dumps(manifest), "the image is not the one of manifest.json")
    expect(listed[own[0].name]["sha256"] == digest, "REST tells another SHA-256 than the file's")
    expect(digest in (own[0].parent / "SHA256SUMS").read_text(), "SHA256SUMS has another image")
    return own[0]


def kill_imgd(service, options):
    """kill -9 of imgd in the middle of a build, and a start: the job ends done, with one image."""
    job_id = service.submit("kill-imgd", kickstart(3))
    service.wait_for_stage(job_id, "install", options.patience)
    me = os.getpid()
    service.kill()
    gone = processes.wait_gone(me, 2)
    expect(gone is not None, "the build went on without its imgd: " +
           ", ".join(map(processes.name, processes.descendants(me))))
    service.start()
    job = service.wait_until_finished(job_id, options.patience)
    expect(job["state"] == "done", f"the job is {job['state']}: {job['error']}")
    expect(job["attempt"] >= 2, f"the job was done in attempt {job['attempt']}: was it killed?")
    published(service, job_id)
    expect("the script is running" in service.text_of_log(job_id), "the log lacks the script")
    return f"done in attempt {job['attempt']}, the old build gone after {gone:.1f} s"


def kill_imgd_between_script_and_image(service, options):
    """The same while a script of the kickstart runs."""
    job_id = service.submit("kill-late", kickstart(5))
    service.wait_for_stage(job_id, "scripts", options.patience)
    service.kill()
    expect(processes.wait_gone(os.getpid(), 2) is not None, "the build went on without its imgd")
    service.start()
    job = service.wait_until_finished(job_id, options.patience)
    expect(job["state"] == "done", f"the job is {job['state']}: {job['error']}")
    published(service, job_id)
    return f"done in attempt {job['attempt']}"


def kill_build(service, options):
    """kill -9 of the process that builds: in 60 s the job is under way again, and it ends done."""
    job_id = service.submit("kill-build", kickstart(5))
    service.wait_for_stage(job_id, "scripts", options.patience)
    builders = processes.children(service.process.pid)
    expect(builders, "imgd has no child that builds: nothing to kill")
    builder = max(builders, key=lambda pid: len(processes.descendants(pid)))
    begun = time.monotonic()
    os.kill(builder, signal.SIGKILL)
    job = service.wait_for(
        job_id, lambda now: now["attempt"] >= 2 or now["state"] in ("done", "error"), 60,
        "taken up again")
    after = time.monotonic() - begun
    job = service.wait_until_finished(job_id, options.patience)
    expect(job["state"] == "done" and job["attempt"] >= 2,
           f"the job is {job['state']} in attempt {job['attempt']}")
    published(service, job_id)
    return f"noticed after {after:.0f} s, done in attempt {job['attempt']}"


def cancel(service, options):
    """A cancelled build has no process left within 2 s, and publishes nothing."""
    idle = processes.descendants(service.process.pid)
    job_id = service.submit("cancel", kickstart(600))
    service.wait_for_stage(job_id, "scripts", options.patience)
    expect(processes.descendants(service.process.pid, idle), "the build runs no process")
    status, _, text = service.ask("DELETE", f"/api/v1/jobs/{job_id}")
    expect(status in (200, 202, 204), f"DELETE: {status} {text!r}")
    gone = processes.wait_gone(service.process.pid, 2.0, idle)
    expect(gone is not None, "after 2 s there still ran " + ", ".join(
        map(processes.name, processes.descendants(service.process.pid, idle))))
    job = service.wait_until_finished(job_id, 10)
    expect(job["state"] == "cancelled", f"the job is {job['state']}")
    images = [image for image in service.data.rglob("*.raw") if job_id in image.parts]
    expect(not images, f"a cancelled job left {images}")
    status = service.ask("DELETE", f"/api/v1/jobs/{job_id}")[0]
    expect(status == 409, f"cancelling it again: {status}, not 409")
    return f"gone after {gone:.2f} s"


def cancel_queued(service, options):
    """A job that waits behind another is cancelled without ever being built."""
    first = service.submit("before", kickstart(600))
    service.wait_for(first, lambda job: job["state"] == "building", options.patience, "building")
    waiting = [service.submit(f"waiting-{i}", kickstart(0)) for i in range(8)]
    last = waiting[-1]
    expect(service.job(last)["state"] == "queued", "the ninth job does not wait")
    for job_id in [*waiting, first]:
        service.ask("DELETE", f"/api/v1/jobs/{job_id}")
    job = service.wait_until_finished(last, 10)
    expect(job["state"] == "cancelled" and job["started"] is None,
           f"it is {job['state']}, started {job['started']}")
    service.wait_until_finished(first, 10)
    return ""


def failed_build(service, options):
    """A script that fails ends the job with its line, in REST and as the last words of the log."""
    text = kickstart(0) + "%post --erroronfail\necho no such luck\nexit 3\n%end\n"
    line = text.splitlines().index("%post --erroronfail") + 1
    job_id = service.submit("fails", text)
    job = service.wait_until_finished(job_id, options.patience)
    expect(job["state"] == "error", f"the job is {job['state']}")
    expect(f":{line}" in job["error"] and "exit 3" in job["error"] and
           "no such luck" in job["error"], f"the error is {job['error']!r}")
    expect(job["error_stage"] == "scripts", f"the stage is {job['error_stage']!r}")
    log = service.text_of_log(job_id)
    expect("IMG FAILED MISERABLY IN CREATING THE IMAGE!" in log, "the log lacks the failure line")
    return job["error"].splitlines()[0]


def template(service, options):
    """`img submit --template` with an overlay: the image has its packages."""
    def img(*words):
        return subprocess.run([options.imgd.parent / "img", *words, "--server",
                               f"http://127.0.0.1:{service.port}"],
                              capture_output=True, text=True, timeout=options.patience)

    listed = img("templates", "--json")
    expect(listed.returncode == 0, f"img templates: {listed.returncode} {listed.stderr}")
    names = [one["name"] for one in json.loads(listed.stdout)["templates"]]
    expect("debian-base" in names and "debian-web" in names, f"only {names} are offered")
    answer = img("submit", "--template", "debian-base", "--overlay", " less ,\n-nano\n", "-t", "raw")
    expect(answer.returncode == 0, f"img submit: {answer.returncode} {answer.stderr}")
    job_id = answer.stdout.strip()
    job = service.wait_until_finished(job_id, options.patience)
    expect(job["state"] == "done", f"the job is {job['state']}: {job['error']}")
    folder = published(service, job_id).parent
    packages = (folder / f"{job['name']}.packages").read_text()
    expect(any(line.startswith("less.") for line in packages.splitlines()),
           f"less is not among the packages: {packages[:300]}")
    told = json.loads(service.ask("GET", "/api/v1/templates/debian-base")[2])["kickstart"]
    expect((folder / f"{job['name']}.ks").read_text() == told, "another kickstart was built")
    wrong = img("submit", "--template", "debian-bas", "-t", "raw")
    expect(wrong.returncode == 1 and "did you mean debian-base?" in wrong.stderr,
           f"a wrong name: {wrong.returncode} {wrong.stderr}")
    return f"{job['name']} of {len(names)} templates"


def wrong_input(service, options):
    """Every wrong request gets a problem document with a code, a cause and a next step."""
    good = {"name": "n", "type": "raw", "kickstart": kickstart(0), "overlay": "", "email": ""}
    jobs = "/api/v1/jobs"
    cases = [
        ("no JSON", "POST", jobs, b"{", 400),
        ("no object", "POST", jobs, b"[]", 400),
        ("an unknown member", "POST", jobs, json.dumps(good | {"shell": "x"}), 400),
        ("an empty kickstart", "POST", jobs, json.dumps(good | {"kickstart": ""}), 422),
        ("a binary kickstart", "POST", jobs, json.dumps(good | {"kickstart": "\0\1\2"}), 422),
        ("no root partition", "POST", jobs,
         json.dumps(good | {"kickstart": "rootpw x\n%packages\napt\n%end\n"}), 422),
        ("an unknown image type", "POST", jobs, json.dumps(good | {"type": "floppy"}), 422),
        ("a name with a path in it", "POST", jobs, json.dumps(good | {"name": "../x"}), 422),
        ("an overlay with an option", "POST", jobs,
         json.dumps(good | {"overlay": "vim,-o=APT::x"}), 422),
        ("10 MB of nothing", "POST", jobs, json.dumps(good | {"kickstart": "\n" * 10_000_000}),
         (413, 422)),
        ("an unknown job", "GET", jobs + "/" + "0" * 32, None, 404),
        ("an id that is none", "GET", jobs + "/..%2f..%2fetc", None, (400, 404)),
        ("cancelling an unknown job", "DELETE", jobs + "/" + "0" * 32, None, 404),
        ("a method that is none", "PUT", jobs, json.dumps(good), 405),
        ("a path that is none", "GET", "/api/v1/nothing", None, 404),
    ]
    wrong = []
    for name, method, path, body, wanted in cases:
        status, headers, text = service.ask(method, path, body)
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        # 400 and 422 are both "the request is wrong": what matters is who is to blame.
        if status not in wanted and not (status in (400, 422) and set(wanted) & {400, 422}):
            wrong.append(f"{name}: {status}, not {wanted}: {text[:200]!r}")
            continue
        kind = next((v for k, v in headers.items() if k.lower() == "content-type"), "")
        if not kind.startswith("application/problem+json"):
            wrong.append(f"{name}: {status} as {kind or 'nothing'}")
            continue
        problem = json.loads(text)
        empty = [key for key in ("title", "detail", "code", "next") if not problem.get(key)]
        if problem.get("status") != status or empty:
            wrong.append(f"{name}: the problem has no {empty or 'status'}: {problem}")
    expect(not wrong, "; ".join(wrong))
    expect(service.process.poll() is None, "imgd did not survive it")
    return f"{len(cases)} requests refused"


def stop(service, options):
    """SIGTERM ends imgd and a build in it; the next start goes on with the job."""
    job_id = service.submit("stopped", kickstart(4))
    service.wait_for_stage(job_id, "scripts", options.patience)
    service.stop()
    expect(processes.wait_gone(os.getpid(), 5) is not None, "processes are left: " +
           ", ".join(map(processes.name, processes.descendants(os.getpid()))))
    service.start()
    job = service.wait_until_finished(job_id, options.patience)
    expect(job["state"] == "done", f"the job is {job['state']}: {job['error']}")
    published(service, job_id)
    return f"done in attempt {job['attempt']}"


CASES = [wrong_input, kill_imgd, kill_imgd_between_script_and_image, kill_build, cancel,
         cancel_queued, failed_build, template, stop]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="cases: " + ", ".join(case.__name__ for case in CASES))
    parser.add_argument("imgd", type=Path, help="the program")
    parser.add_argument("--case", action="append", choices=[case.__name__ for case in CASES],
                        help="only this one; may be repeated")
    parser.add_argument("--patience", type=float, default=300, help="seconds for one build")
    parser.add_argument("--work", type=Path, help="where to make the data folder")
    parser.add_argument("--keep", action="store_true", help="leave the data folder")
    options = parser.parse_args()
    if not is_reachable(options.imgd):
        print(f"FAIL: there is no program {options.imgd}")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    processes.adopt_orphans()
    folder = Path(tempfile.mkdtemp(prefix="img-service-test-", dir=options.work))
    service = Service(options.imgd.resolve(), folder / "data", folder / "imgd.log")
    failed = made = 0
    try:
        service.start()
        for case in CASES:
            if options.case and case.__name__ not in options.case:
                continue
            made += 1
            begun = time.monotonic()
            try:
                detail, verdict = case(service, options), "PASS"
            except Trouble as trouble:
                detail, verdict = str(trouble), "FAIL"
            except Exception:  # a case that breaks must not hide the others
                detail, verdict = traceback.format_exc(), "FAIL"
            failed += verdict == "FAIL"
            print(f"{verdict}: {case.__name__} ({time.monotonic() - begun:.0f} s)"
                  f"{': ' + detail if detail else ''}", flush=True)
            processes.reap_orphans(but=service.process.pid)
            if service.process.poll() is not None:
                service.start()
    except Trouble as trouble:
        failed += 1
        print(f"FAIL: {trouble}")
    finally:
        processes.kill_all(os.getpid())
        if failed or options.keep:
            print(f"imgd's log and data: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"service test: {made} cases, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
