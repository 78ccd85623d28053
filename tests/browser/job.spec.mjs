// A person's way through the pages, in Debian's Chromium; started by job_test.mjs.
//
// Things are found as a person or a screen reader finds them: by role, label and text; a redesign
// may move them, not take them away.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const kServer = process.env.IMG_TEST_SERVER;
const kScreenshots = process.env.IMG_TEST_SCREENSHOTS;
const kBuildTimeout = 300_000;  // ms
const kSteps = 12;  // seconds that the script keeps the log growing

// A real build, small and without a kernel.
const kKickstart = `url --url=@DEBIAN_MIRROR@ --suite=bookworm --components=main
bootloader --location=none
part / --fstype=ext4 --size=600
rootpw --lock
%packages --exclude-weakdeps
apt
%end
%post
for step in $(seq 1 ${kSteps}); do echo "this is step $step"; sleep 1; done
%end
`;

let browser;
let profile;
let job;  // The address of the job's page, once it is submitted.
const complaints = [];  // What the pages did that they should not have.

before(async () => {
    profile = await mkdtemp(path.join(tmpdir(), "img-chromium-"));
    browser = await chromium.launch({
        executablePath: process.env.IMG_TEST_CHROMIUM,
        downloadsPath: profile,
        args: [
            "--no-sandbox",  // it refuses to run as root with one
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    });
});

after(async () => {
    await browser?.close();
    await rm(profile, { recursive: true, force: true });
});

async function open(options = {}) {
    const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        acceptDownloads: true,
        ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
        if (message.type() === "error") {
            complaints.push(`${page.url()}: console: ${message.text()}`);
        }
    });
    page.on("request", (request) => {
        if (!request.url().startsWith(kServer) && !/^(data|blob):/.test(request.url())) {
            complaints.push(`${page.url()} asks a stranger: ${request.url()}`);
        }
    });
    return page;
}

async function screenshot(page, name) {
    if (kScreenshots) {
        await page.screenshot({ path: path.join(kScreenshots, `${name}.png`) });
    }
}

// The text itself, not the section of the same name around it.
const logOf = (page) => page.getByLabel("Build log").and(page.locator("pre, [role=log]"));
const stateOf = (page) => page.getByRole("status").first();
const kSend = { name: /submit|build/i };

async function sees(locator, hasText, timeout) {
    await locator.filter({ hasText }).first().waitFor({ timeout });
}

test("the front page leads to the form and to the queue", async () => {
    const page = await open();
    const answer = await page.goto(`${kServer}/`);
    assert.equal(answer.status(), 200);
    assert.equal(await page.getByRole("heading", { level: 1 }).count(), 1);
    await page.getByRole("link", { name: /queue/i }).first().click();
    assert.match(page.url(), /\/queue\/$/);
    await page.goto(`${kServer}/`);
    await screenshot(page, "home-page");
    await page.context().close();
});

test("a wrong kickstart is told with its lines, and the text is not lost", async () => {
    const page = await open();
    await page.goto(`${kServer}/submit/`);
    await page.getByRole("textbox", { name: /kickstart/i }).fill("part / --size=x\nfrobnicate\n");
    await page.getByRole("combobox", { name: /type/i }).selectOption("raw");
    await page.getByRole("button", kSend).click();
    const alert = page.getByRole("alert");
    await alert.first().waitFor();
    const text = await page.locator("main").innerText();
    assert.match(text, /\b1\b[^]*size|size[^]*\b1\b/, "the first error names its line");
    assert.match(text, /frobnicate/, "and the second is told with it");
    assert.match(await page.getByRole("textbox", { name: /kickstart/i }).inputValue(), /frobnicate/);
    // The answer to a wrong form is a 422, which Chromium writes to its console.
    const kept = complaints.filter((line) => !/console:.*\b4(00|22)\b/.test(line));
    complaints.splice(0, complaints.length, ...kept);
    await page.context().close();
});

test("a kickstart is submitted through the form", async () => {
    const page = await open();
    await page.goto(`${kServer}/submit/`);
    await screenshot(page, "submit-page");
    await page.getByRole("textbox", { name: /kickstart/i }).fill(kKickstart);
    await page.getByRole("combobox", { name: /type/i }).selectOption("raw");
    await page.getByRole("textbox", { name: /name/i }).fill("browser-test");
    await page.getByRole("textbox", { name: /package|overlay/i }).fill("less");
    await page.getByRole("button", kSend).click();
    await page.waitForURL(/\/job\/[0-9a-f]{32}$/);
    job = page.url();
    assert.match(await page.locator("main").innerText(), /browser-test/);
    await page.context().close();
});

test("the queue shows the job", async () => {
    assert.ok(job, "there is no job: submitting failed");
    const page = await open();
    await page.goto(`${kServer}/queue/`);
    const link = page.getByRole("link", { name: /browser-test/ }).first();
    await link.waitFor();
    await screenshot(page, "queue-page");
    await link.click();
    await page.waitForURL(job);
    await page.context().close();
});

test("the job's page shows its log as it grows, and by itself that the job is done", async () => {
    assert.ok(job, "there is no job: submitting failed");
    const page = await open();
    await page.goto(job);
    let loads = 0;
    page.on("load", () => ++loads);
    await sees(logOf(page), /this is step 2$/m, kBuildTimeout);
    const early = await logOf(page).innerText();
    assert.doesNotMatch(early, new RegExp(`this is step ${kSteps}$`, "m"), "it came all at once");
    assert.match(await stateOf(page).innerText(), /building/i);
    await screenshot(page, "job-page");
    await sees(logOf(page), new RegExp(`this is step ${kSteps - 2}$`, "m"), 60_000);
    assert.equal(loads, 0, "the log grew only because the page was loaded again");
    await sees(stateOf(page), /done/i, 120_000);
    const late = await logOf(page).innerText();
    assert.ok(late.length > early.length, "the log did not grow");
    for (let step = 1; step <= kSteps; ++step) {
        const times = late.match(new RegExp(`this is step ${step}$`, "gm"))?.length ?? 0;
        assert.equal(times, 1, `step ${step} is in the log ${times} times`);
    }
    await screenshot(page, "job-page-done");
    await page.context().close();
});

test("the image that is downloaded is the one of the manifest", async () => {
    assert.ok(job, "there is no job: submitting failed");
    const page = await open();
    await page.goto(job);
    const [download] = await Promise.all([
        page.waitForEvent("download", { timeout: 60_000 }),
        page.getByRole("link", { name: /\.raw$/ }).first().click(),
    ]);
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(await download.path())) {
        hash.update(chunk);
    }
    const digest = hash.digest("hex");
    const id = job.split("/").pop();
    const manifest = await page.request.get(`${kServer}/images/${id}/manifest.json`);
    assert.equal(manifest.status(), 200);
    const told = JSON.stringify(await manifest.json()).match(/[0-9a-f]{64}/g) ?? [];
    assert.ok(told.includes(digest), `${digest} is not among ${told}`);
    await page.context().close();
});

test("the same form leads to the job that is there, and to a new one with a tick at build anew", async () => {
    assert.ok(job, "there is no job: submitting failed");
    const page = await open();
    const fill = async () => {
        await page.goto(`${kServer}/submit/`);
        await page.getByRole("textbox", { name: /kickstart/i }).fill(kKickstart);
        await page.getByRole("combobox", { name: /type/i }).selectOption("raw");
        await page.getByRole("textbox", { name: /name/i }).fill("browser-test");
        await page.getByRole("textbox", { name: /package|overlay/i }).fill("less");
    };
    await fill();
    await page.getByRole("button", kSend).click();
    await page.waitForURL(`${job}?joined=1`);
    assert.match(await page.locator("main").innerText(), /had been asked for already/);
    await fill();
    await page.getByRole("spinbutton", { name: /priority/i }).fill("7");
    await page.getByRole("checkbox", { name: /anew/i }).check();
    await screenshot(page, "submit-page-filled");
    await page.getByRole("button", kSend).click();
    await page.waitForURL(/\/job\/[0-9a-f]{32}$/);
    assert.notEqual(page.url(), job, "the job that is there was given in place of a new one");
    const text = await page.locator("main").innerText();
    assert.match(text, /priority\s+7/);
    assert.match(text, /built anew/);
    await page.getByText(/^cancel/i).first().click();
    await page.getByRole("button", { name: /cancel|stop/i }).click();
    await sees(stateOf(page), /cancelled/i, 20_000);
    await page.context().close();
});

test("with scripting off a wrong priority is told, and what was filled in is kept", async () => {
    const page = await open({ javaScriptEnabled: false });
    await page.goto(`${kServer}/submit/`);
    await page.getByRole("textbox", { name: /kickstart/i }).fill(kKickstart);
    await page.getByRole("combobox", { name: /type/i }).selectOption("raw");
    await page.getByRole("checkbox", { name: /anew/i }).check();
    const priority = page.getByRole("spinbutton", { name: /priority/i });
    await priority.fill("11");
    const form = page.locator("form");
    await form.evaluate((one) => one.noValidate = true);  // Chromium would not send it
    await page.getByRole("button", kSend).click();
    assert.match(await page.getByRole("alert").first().innerText(), /priority.*from -10 to 10/i);
    assert.equal(await priority.inputValue(), "11");
    assert.ok(await page.getByRole("checkbox", { name: /anew/i }).isChecked());
    await page.context().close();
    const kept = complaints.filter((line) => !/console:.*\b4(00|22)\b/.test(line));
    complaints.splice(0, complaints.length, ...kept);
});

test("with scripting off the page shows the same state and log", async () => {
    assert.ok(job, "there is no job: submitting failed");
    const page = await open({ javaScriptEnabled: false });
    await page.goto(job);
    assert.match(await stateOf(page).innerText(), /done/i);
    assert.match(await logOf(page).innerText(), new RegExp(`this is step ${kSteps}\\b`));
    assert.ok(await page.getByRole("link", { name: /\.raw$/ }).count(), "no link to the image");
    await page.context().close();
});

test("with scripting off a job can be submitted, watched and cancelled", async () => {
    const page = await open({ javaScriptEnabled: false });
    await page.goto(`${kServer}/submit/`);
    await page.getByRole("textbox", { name: /kickstart/i })
        .fill(kKickstart.replace(/for step.*/, "echo waiting; sleep 600"));
    await page.getByRole("combobox", { name: /type/i }).selectOption("raw");
    await page.getByRole("textbox", { name: /name/i }).fill("without-scripting");
    await page.getByRole("button", kSend).click();
    await page.waitForURL(/\/job\/[0-9a-f]{32}$/);
    assert.match(await stateOf(page).innerText(), /queued|building/i);
    // The page asks again by itself; loading it by hand is the same, and does not wait.
    const deadline = Date.now() + kBuildTimeout;
    while (!/waiting/.test(await logOf(page).innerText())) {
        assert.ok(Date.now() < deadline, "the log never showed the script");
        await page.waitForTimeout(500);
        await page.reload();
    }
    await page.getByText(/^cancel/i).first().click();
    await page.getByRole("button", { name: /cancel|stop/i }).click();
    await page.waitForLoadState();
    const cancelled = Date.now() + 10_000;
    while (!/cancelled/i.test(await stateOf(page).innerText())) {
        assert.ok(Date.now() < cancelled, "the job was not cancelled");
        await page.waitForTimeout(200);
        await page.reload();
    }
    await page.context().close();
});

test("a template brings its type, and its job tells it and the packages laid over it", async () => {
    const page = await open();
    await page.goto(`${kServer}/submit/`);
    const templates = page.getByRole("combobox", { name: /template/i });
    const groups = await templates.locator("optgroup").evaluateAll((all) => all.map((one) => one.label));
    assert.deepEqual(groups, ["Kickstart files", "Platforms from YAML"]);
    await templates.selectOption("debian-web");
    await templates.selectOption("debian-base");
    const type = page.getByRole("combobox", { name: /type/i });
    assert.equal(await type.inputValue(), "raw", "the type that the template suggests");
    await page.getByRole("textbox", { name: /package/i }).fill(" less ,\n-nano\n");
    await page.getByRole("button", kSend).click();
    await page.waitForURL(/\/job\/[0-9a-f]{32}$/);
    const text = await page.locator("main").innerText();
    assert.match(text, /debian-base-[0-9a-f]{8}/, "the job is called after its template");
    assert.match(text, /template\s+debian-base/);
    assert.match(text, /extra packages\s+less ,\s+-nano/);
    await screenshot(page, "template-job-page");
    await page.getByText(/^cancel/i).first().click();
    await page.getByRole("button", { name: /cancel|stop/i }).click();
    await sees(stateOf(page), /cancelled/i, 20_000);
    await page.context().close();
});

test("with scripting off a template is chosen without a type, and not beside a kickstart", async () => {
    const page = await open({ javaScriptEnabled: false });
    await page.goto(`${kServer}/submit/`);
    await page.getByRole("combobox", { name: /template/i }).selectOption("debian-base");
    await page.getByRole("textbox", { name: /kickstart/i }).fill("part /\n");
    await page.getByRole("button", kSend).click();
    assert.match(await page.getByRole("alert").first().innerText(), /not both/);
    await page.getByRole("textbox", { name: /kickstart/i }).fill("");
    await page.getByRole("button", kSend).click();
    await page.waitForURL(/\/job\/[0-9a-f]{32}$/);
    assert.match(await page.locator("main").innerText(), /\braw\b/);
    await page.getByText(/^cancel/i).first().click();
    await page.getByRole("button", { name: /cancel|stop/i }).click();
    await page.context().close();
    const kept = complaints.filter((line) => !/console:.*\b4(00|22)\b/.test(line));
    complaints.splice(0, complaints.length, ...kept);
});

test("no page had an error or asked another server", () => {
    assert.deepEqual(complaints, []);
});
