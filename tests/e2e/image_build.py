"""One `img build` that has to succeed, for tests that look at what it made."""
import subprocess


def build_image(img, kickstart, folder, name, *more, seconds):
    """Makes the image in `folder`; gives back what the build said, which <name>.build.log keeps
    there. Where it fails or takes longer, the test ends."""
    folder.mkdir(parents=True, exist_ok=True)
    answer = subprocess.run(
        [img, "build", str(kickstart), "-n", name, "-o", str(folder), "--replace", "-v", *more],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, check=False)
    (folder / f"{name}.build.log").write_text(answer.stdout)
    if answer.returncode != 0:
        print(answer.stdout[-3000:])
        raise SystemExit(f"FAIL: {' '.join(['img build', *more])}: exit {answer.returncode}")
    return answer.stdout
