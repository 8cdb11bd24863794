// Every page of every role, and the public ones: what must hold of any page, whatever it shows. Pages are found as people find
// them: from the main list, and from links on what was found; one page of each kind is looked at.
//
//   SWEEP_ROLE=DESK_CLERK node --test sweep.test.mjs          # one role; NOBODY for the public pages

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./support/axe.mjs";
import { DESK, launch, NARROW, PHONE, room } from "./support/browser.mjs";
import { Office, ROLES } from "./support/office.mjs";

const BYTES_MAX = 100_000, INTERACTIVE_MS = 500, PAGES_MAX = 40;
// Every pair of size, colour and language.
const LOOKS = [
  { size: PHONE, dark: true, lang: "en" },
  { size: PHONE, dark: false, lang: "vi" },
  { size: DESK, dark: true, lang: "vi" },
  { size: DESK, dark: false, lang: "en" },
];
const PUBLIC = ["/sign-in", "/tracking"];

let browser, office;
before(async () => {
  browser = await launch();
  office = await Office.open({ played: 60 });
});
after(async () => { await browser?.close(); await office?.close(); });

/** The kind of page: the address with what names one thing taken out. */
const kind = (path) => path.split(/[?#]/)[0].split("/").map((part) => (/\d/.test(part) || part.length > 30 ? "*" : part)).join("/");
const named = ({ size, dark, lang }) => `${size.width} px, ${dark ? "dark" : "light"}, ${lang}`;

/** Links on a page to pages of ours. */
const links = (page) => page.evaluate(() => [...document.querySelectorAll("a[href]:not([download])")].map((a) => new URL(a.href)).filter((url) => url.origin === location.origin).map((url) => url.pathname + url.search));

/** What must hold of the markup itself. */
const markup = (page) => page.evaluate(() => {
  const faults = [], headings = document.querySelectorAll("h1").length;
  if (headings !== 1) faults.push(`${headings} h1`);
  if (!document.title.split("·")[0].trim()) faults.push("no title");
  for (const element of document.querySelectorAll("*")) {
    for (const { name } of element.attributes) {
      if (/^on/.test(name) || name === "style") faults.push(`<${element.tagName.toLowerCase()} ${name}>`);
    }
    // Our own scripts may set styles; what the server sent has none, which its policy holds anyway.
    if (element.tagName === "SCRIPT" && !element.src && element.type !== "application/json") faults.push("inline <script>");
  }
  return [...new Set(faults.filter((fault) => !fault.endsWith(" style>")))];
});

/** By how many pixels the page can be moved sideways. */
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);

/** What the page took from us, as sent, and when it could be used. */
const cost = (page) => page.evaluate(() => {
  const [navigation] = performance.getEntriesByType("navigation"), resources = performance.getEntriesByType("resource");
  const bytes = [navigation, ...resources].reduce((sum, entry) => sum + entry.transferSize, 0);
  return { bytes, ms: Math.round(navigation.domContentLoadedEventEnd) };
});

/** Goes through the pages of a role, cold, and says what was found and what is wrong. */
async function discover(t, session, role, begin) {
  const faults = [], found = new Map(), queue = [...begin], report = [];
  while (queue.length > 0 && found.size < PAGES_MAX) {
    const path = queue.shift();
    if (found.has(kind(path))) continue;
    const type = role ? (await session.get(path)).headers.get("content-type") ?? "" : "text/html";
    if (!type.startsWith("text/html")) { found.set(kind(path), null); continue; }
    // A context of its own: nothing is kept from another page.
    const context = await room(t, browser, office, { role, session });
    const page = await context.newPage();
    const reply = await page.goto(path);
    found.set(kind(path), reply.status() === 200 ? path : null);
    if (reply.status() !== 200) { faults.push(`${path}: ${reply.status()}`); await context.close(); continue; }
    const cold = await cost(page);
    let best = cold.ms;
    for (let tries = 0; tries < 3 && best > INTERACTIVE_MS; tries += 1) { await page.reload(); best = Math.min(best, (await cost(page)).ms); }
    report.push(`${path}: ${Math.round(cold.bytes / 1000)} kB, ${best} ms`);
    if (cold.bytes >= BYTES_MAX) faults.push(`${path}: takes ${cold.bytes} bytes`);
    if (best > INTERACTIVE_MS) t.diagnostic(`${path}: interactive after ${best} ms, the goal is ${INTERACTIVE_MS}`);
    faults.push(...(await markup(page)).map((fault) => `${path}: ${fault}`));
    for (const link of await links(page)) if (!found.has(kind(link))) queue.push(link);
    await context.close();
  }
  return { paths: [...found.values()].filter(Boolean), faults, report };
}

async function look(t, session, role, paths, how) {
  const faults = [];
  const context = await room(t, browser, office, { role, session, ...how });
  const page = await context.newPage();
  for (const path of paths) {
    await page.goto(path);
    faults.push(...(await violations(page)).map((violation) => `${path} (${named(how)}): ${violation}`));
    for (const size of [how.size, ...(how.size === PHONE ? [NARROW] : [])]) {
      await page.setViewportSize(size);
      const by = await sideways(page);
      if (by > 0) faults.push(`${path} (${size.width} px, ${how.lang}): moves ${by} px sideways`);
    }
    await page.setViewportSize(how.size);
    const lang = await page.locator("html").getAttribute("lang");
    if (lang !== how.lang) faults.push(`${path}: in ${lang}, not ${how.lang}`);
  }
  return faults;
}

async function sweep(t, role, begin, session) {
  const { paths, faults, report } = await discover(t, session, role, begin);
  for (const line of report) t.diagnostic(line);
  assert.ok(paths.length > 0, "no page was found");
  for (const how of LOOKS) faults.push(...await look(t, session, role, paths, how));
  assert.equal(faults.length, 0, `${faults.length} faults:\n${[...new Set(faults)].join("\n")}`);
}

const wanted = (who) => !process.env.SWEEP_ROLE || process.env.SWEEP_ROLE === who;

if (wanted("NOBODY")) test("the public pages", (t) => sweep(t, undefined, PUBLIC));

for (const role of ROLES.filter(wanted)) {
  test(`the pages of ${role}`, async (t) => {
    const session = await office.session(role);
    const begin = await (await session.get("/account")).text();
    const list = /<nav class="side"[^]*?<\/nav>/.exec(begin)[0];
    const nav = [...list.matchAll(/href="([^"]+)"/g)].map(([, path]) => path.replaceAll("&#x2f;", "/"));
    assert.ok(nav.length > 0 && nav.length <= 5, `${nav.length} places on the main list`);
    await sweep(t, role, [...nav, "/account", "/account/password"], session);
  });
}
