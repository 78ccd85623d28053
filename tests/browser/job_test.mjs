// Entry of the browser tests: options, a service if none is given, then the tests of job.spec.mjs.
import { spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "node:test";
import { parseArgs } from "node:util";

const kHelp = `usage: job_test.mjs (--server URL | --imgd PROGRAM) [--screenshots FOLDER]

Submits a kickstart through the page, watches its log grow, downloads the image and compares its
SHA-256 with the manifest; and looks at the same job with scripting off. Exit 0: all of it worked.

  --server URL          a running imgd
  --imgd PROGRAM        start this one, with a data folder of its own
  --screenshots FOLDER  keep pictures of the four pages there
  --chromium PROGRAM    default: /usr/bin/chromium
`;

function fail(sentence) {
    console.log(`FAIL: ${sentence}`);
    process.exit(1);
}

async function freePort() {
    const server = createServer();
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address();
    await new Promise((done) => server.close(done));
    return port;
}

// Its process, address and folder; ended by endService() on every way out.
async function startService(program) {
    const folder = await mkdtemp(path.join(tmpdir(), "img-browser-test-"));
    const server = `http://127.0.0.1:${await freePort()}`;
    const child = spawn(program, ["--listen", server.slice(7), "--data", path.join(folder, "data")], {
        stdio: ["ignore", "pipe", "pipe"],
    });
    const log = createWriteStream(path.join(folder, "imgd.log"));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.on("error", (error) => fail(`cannot start ${program}: ${error.message}`));
    process.on("exit", () => child.kill("SIGKILL"));
    for (let tries = 0; tries < 300; ++tries) {
        if (child.exitCode !== null) {
            fail(`imgd ended with ${child.exitCode}; see ${folder}/imgd.log`);
        }
        const ready = await fetch(`${server}/readyz`).then((answer) => answer.ok, () => false);
        if (ready) {
            return { child, folder, server };
        }
        await new Promise((done) => setTimeout(done, 100));
    }
    return fail(`imgd was not ready within 30 s; see ${folder}/imgd.log`);
}

async function endService(service, keep) {
    const ended = new Promise((done) => service.child.once("exit", done));
    service.child.kill("SIGTERM");
    const late = setTimeout(() => service.child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(late);
    if (keep) {
        console.log(`imgd's log and data: ${service.folder}`);
    } else {
        await rm(service.folder, { recursive: true, force: true });
    }
}

async function main() {
    const { values } = parseArgs({
        options: {
            server: { type: "string" },
            imgd: { type: "string" },
            screenshots: { type: "string" },
            chromium: { type: "string", default: "/usr/bin/chromium" },
            help: { type: "boolean", default: false },
        },
    });
    if (values.help) {
        console.log(kHelp);
        return 0;
    }
    if (!values.server === !values.imgd) {
        fail("give --server or --imgd, see --help");
    }
    if (!existsSync(values.chromium)) {
        fail(`there is no ${values.chromium}: install the package chromium`);
    }
    const service = values.imgd ? await startService(path.resolve(values.imgd)) : undefined;
    process.on("SIGINT", () => process.exit(130));
    process.on("SIGTERM", () => process.exit(1));
    if (values.screenshots) {
        await mkdir(values.screenshots, { recursive: true });
    }
    // The spec runs in a process of its own, which inherits these.
    process.env.IMG_TEST_SERVER = service ? service.server : values.server.replace(/\/$/, "");
    process.env.IMG_TEST_CHROMIUM = values.chromium;
    process.env.IMG_TEST_SCREENSHOTS = values.screenshots ? path.resolve(values.screenshots) : "";

    const counts = { passed: 0, failed: 0 };
    const say = (data, verdict) => {
        if (data.details?.type === "suite" || data.name === data.file || /\.mjs$/.test(data.name)) {
            return;  // the file itself, which holds the tests
        }
        ++counts[verdict === "PASS" ? "passed" : "failed"];
        console.log(`${verdict}: ${data.name} (${(data.details.duration_ms / 1000).toFixed(0)} s)`);
        if (verdict === "FAIL") {
            const error = data.details.error;
            const text = String(error?.cause?.stack ?? error?.cause ?? error);
            // Playwright paints its messages.
            const lines = text.replace(/\x1b\[[0-9;]*m/g, "").split("\n");
            console.log(lines.map((line) => `  | ${line}`).join("\n"));
        }
    };
    const spec = new URL("job.spec.mjs", import.meta.url).pathname;
    await new Promise((done) => {
        const events = run({ files: [spec], timeout: 900_000 });
        events.on("test:pass", (data) => (data.skip ? say(data, "FAIL") : say(data, "PASS")));
        events.on("test:fail", (data) => say(data, "FAIL"));
        events.on("test:stderr", (data) => process.stderr.write(data.message));
        events.on("end", done);
        events.resume();
    });
    const good = counts.failed === 0 && counts.passed > 0;
    if (service) {
        await endService(service, !good);
    }
    console.log(`browser test: ${counts.passed} passed, ${counts.failed} failed: ${good ? "PASS" : "FAIL"}`);
    return good ? 0 : 1;
}

process.exit(await main());
