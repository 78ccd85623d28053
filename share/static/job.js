// Keeps a job's page up to date: log lines, progress and state as the service sends them.
"use strict";
(() => {
  const job = document.getElementById("job");
  const log = document.getElementById("log");
  const follow = document.getElementById("follow");
  const finished = (state) => ["done", "error", "cancelled"].includes(state);
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  toEnd();
  if (finished(job.dataset.state)) {
    return;
  }

  document.getElementById("follow-label").hidden = false;
  follow.addEventListener("change", () => follow.checked && toEnd());
  // Whoever scrolls back wants to read; whoever returns to the end wants to follow again.
  log.addEventListener("scroll", () => {
    follow.checked = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  });

  const kTextMax = 4 * 1024 * 1024; // of a page; the whole log is one link away
  const live = document.getElementById("live");
  const source = new EventSource(`${job.dataset.events}?offset=${job.dataset.offset}`);
  source.onopen = () => { live.hidden = false; live.textContent = "live"; live.classList.remove("lost"); };
  source.onerror = () => { live.textContent = "reconnecting"; live.classList.add("lost"); };

  let size = log.textContent.length;
  source.addEventListener("log", (event) => {
    const stays = follow.checked;
    log.append(event.data + "\n");
    size += event.data.length + 1;
    while (size > kTextMax && log.childNodes.length > 1) {
      size -= log.firstChild.length;
      log.firstChild.remove();
    }
    if (stays) {
      toEnd();
    }
  });

  const sizes = (bytes) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let i = 0;
    for (; bytes >= 1024 && i < 4; ++i) {
      bytes /= 1024;
    }
    return `${bytes.toFixed(i ? 1 : 0)} ${units[i]}`;
  };

  const waiting = (before) => before === null ? "It waits for its turn."
    : before === 0 ? "Next in line."
    : before === 1 ? "One job is before it." : `${before} jobs are before it.`;

  // The same words as the server's, for the time that passes on this page.
  const amount = (time) => {
    const minutes = Math.max(Math.ceil((Date.parse(time) - Date.now()) / 60000), 0);
    if (minutes < 100) {
      return [minutes, "min"];
    }
    const hours = Math.ceil(minutes / 60);
    return hours < 48 ? [hours, "h"] : [Math.ceil(hours / 24), "days"];
  };
  const when = ({ from, to }) => {
    const [least, unit] = amount(from);
    if (!to) {
      return least === 0 ? "at a time that nobody knows" : `in ${least} ${unit} at the earliest`;
    }
    const [most, mostUnit] = amount(to);
    return most <= 1 && mostUnit === "min" ? "within a minute"
      : least === 0 ? `within ${most} ${mostUnit}`
      : unit !== mostUnit ? `in ${least} ${unit} to ${most} ${mostUnit}`
      : least === most ? `in about ${most} ${mostUnit}` : `in ${least} to ${most} ${mostUnit}`;
  };

  const show = (event) => {
    const now = JSON.parse(event.data);
    const { stage, done, total, unit, text } = now.progress;
    if (finished(now.state)) {
      source.close();
      location.reload(); // the files, the error and the times are the server's to show
      return;
    }
    const badge = document.getElementById("state");
    if (badge.textContent !== now.state) {
      badge.textContent = now.state;
      badge.className = `badge ${now.state}`;
    }
    const stages = [...document.querySelectorAll("#stages li")];
    const at = stages.findIndex((item) => item.dataset.stage === stage);
    stages.forEach((item, i) => {
      item.className = at < 0 || i > at ? "todo" : i < at ? "done" : "current";
      i === at ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current");
    });
    document.getElementById("progress-text").textContent = now.state !== "queued" ? text
      : waiting(now.position);
    const outlook = document.getElementById("outlook");
    if (outlook) {
      outlook.hidden = now.state !== "queued";
      document.getElementById("expectation").textContent = now.begins && now.ends
        ? `It will probably begin ${when(now.begins)}, and be done ${when(now.ends)}.` : "";
      document.getElementById("why").textContent = now.why ? `Why it waits: ${now.why}.` : "";
    }
    document.getElementById("progress-amount").textContent = !total ? ""
      : unit === "bytes" ? `${sizes(done)} of ${sizes(total)}` : `${done} of ${total} ${unit}`;
    const bar = document.getElementById("bar");
    if (total) {
      bar.max = total;
      bar.value = Math.min(done, total);
    } else {
      bar.removeAttribute("value");
    }
  };
  source.addEventListener("state", show);
  source.addEventListener("progress", show);
})();
