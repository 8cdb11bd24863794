// How quick a scan is with ten thousand legs in the list: Enter to the card, and Enter to the answer of the server (a committed
// row); and what the page weighs and when it can be used, cold, with the list apart from it. `node measure_scan.mjs [legs] [scans]`;
// prints one line of JSON.

import { launch, room } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";
import { scan } from "./support/wedge.mjs";

const [legs = 10_000, scans = 300] = process.argv.slice(2).map(Number);
const PER_MANIFEST = 1_000;
const office = await Office.open({ manifests: false }), browser = await launch();
const asked = [];
const t = { after: (work) => asked.push(work) };
const rank = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)];
const figures = (values) => ({ n: values.length, p50_ms: Math.round(rank(values, 0.5) * 10) / 10, p99_ms: Math.round(rank(values, 0.99) * 10) / 10 });
try {
  const numbers = [];
  for (let left = legs; left > 0; left -= PER_MANIFEST) {
    const { manifest } = await office.manifest("RESULT", Math.min(left, PER_MANIFEST));
    numbers.push(...manifest.lines.map((line) => line.itemNumber));
  }
  // All of an agency's results, whatever their manifest.
  const clerk = await office.session("POST_CLERK");
  const begun = await clerk.form("/post/scan", { purpose: "COLLECT", agency: "H32.15" });
  const context = await room(t, browser, office, { role: "POST_CLERK", serviceWorkers: "block" });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.times = new Map();
    window.stands = {};
    new MutationObserver(() => {
      for (const [name, word] of [["interactive", "[data-ready]"], ["listed", "[data-listed]"]]) {
        if (document.querySelector(`#scan${word}`)) window.stands[name] ??= Math.round(performance.now());
      }
    }).observe(document, { subtree: true, childList: true, attributes: true });
    let enteredAt = 0;
    addEventListener("keydown", (e) => { if (e.key === "Enter") enteredAt = e.timeStamp; }, true);
    const plain = window.fetch;
    new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) requestAnimationFrame(() => { const m = window.times.get(detail) ?? {}; m.shown = performance.now() - enteredAt; m.from = enteredAt; window.times.set(detail, m); });
    }).observe({ type: "mark" });
    window.fetch = async (path, options) => {
      const reply = await plain(path, options);
      if (path === "/sync") for (const { id } of (await reply.clone().json()).results) { const m = window.times.get(id) ?? {}; m.durableAt = performance.now(); window.times.set(id, m); }
      return reply;
    };
  });
  const visits = [];
  for (const visit of ["cold", "again"]) {
    await page.goto(begun.headers.get("location"));
    await page.waitForSelector("#scan[data-ready][data-listed]", { timeout: 60_000 });
    visits.push({ visit, ...(await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType("navigation"), resources = performance.getEntriesByType("resource");
      const isList = (entry) => entry.name.endsWith("/list"), sum = (entries, of) => Math.round(entries.reduce((all, entry) => all + of(entry), 0));
      const own = [navigation, ...resources.filter((entry) => !isList(entry))], list = resources.filter(isList);
      return {
        page_bytes: sum(own, (entry) => entry.transferSize), server_ms: Math.round(navigation.responseStart - navigation.requestStart),
        parsed_ms: Math.round(navigation.domContentLoadedEventEnd), interactive_ms: window.stands.interactive, listed_ms: window.stands.listed,
        list_bytes: sum(list, (entry) => entry.transferSize), list_ms: sum(list, (entry) => entry.duration),
      };
    })) });
  }
  for (const number of numbers.slice(0, scans)) {
    await scan(page, number);
    await new Promise((done) => setTimeout(done, 250));
  }
  await new Promise((done) => setTimeout(done, 2_000));
  const times = await page.evaluate(() => [...window.times.values()]);
  const shown = times.map((m) => m.shown), durable = times.filter((m) => m.durableAt).map((m) => m.durableAt - m.from);
  console.log(JSON.stringify({ legs, visits, shown: figures(shown), durable: figures(durable) }));
} finally {
  for (const work of asked) await work();
  await browser.close();
  await office.close();
}
