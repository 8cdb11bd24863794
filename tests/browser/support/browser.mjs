// A real Chromium. Every page is watched: an error on its console, an exception, a request that fails or leaves this
// machine fails the test that opened it.
//
//   const browser = await launch();                           // once per file; after(() => browser.close())
//   const page = await open(t, browser, office, { role: "POST_CLERK", size: PHONE, lang: "en", dark: true, statuses: [422] });
//   await page.goto("/post");

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { until } from "./office.mjs";

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // Nothing leaves this machine, whatever a page asks for.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"];

/** What postmen hold, what counters look at, and the narrowest that must work. */
export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1366, height: 768 };
export const NARROW = { width: 320, height: 640 };

/** Starts the browser, with a profile of its own that is thrown away. */
export function launch(more = []) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: [...FLAGS, ...more], timeout: 60_000 });
}

/** The context of a browser at an office: `role` is signed in already, by `session` where one is given; `statuses` are those above 399 that are no surprise. */
export async function room(t, browser, office, { role, session, size = DESK, lang = "vi", dark = false, statuses = [], ...more } = {}) {
  const context = await browser.newContext({
    baseURL: office.url, viewport: size, hasTouch: size.width < 600, isMobile: size.width < 600, locale: lang === "en" ? "en-GB" : "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh", colorScheme: dark ? "dark" : "light", reducedMotion: "reduce", ...more,
  });
  context.setDefaultTimeout(10_000);
  if (lang === "en") await context.addCookies([{ name: "giaonhan_lang", value: "en", url: office.url }]);
  const problems = watch(context, office, statuses);
  t.after(async () => {
    await context.close();
    assert.deepEqual(problems, [], `what went wrong on the pages; log of the server:\n${office.log().split("\n").slice(-15).join("\n")}`);
  });
  if (role) await signIn(context, office, role, session);
  return context;
}

/** A page of such a context. */
export async function open(t, browser, office, options = {}) {
  return (await room(t, browser, office, options)).newPage();
}

/** Signs a role in, by a session of its own. `sign_in.test.mjs` goes through the form. */
export async function signIn(pageOrContext, office, role, session) {
  const context = pageOrContext.context?.() ?? pageOrContext;
  const { cookie } = session ?? (await office.session(role));
  await context.addCookies([{ name: "giaonhan_session", value: cookie, url: office.url, httpOnly: true, sameSite: "Lax" }]);
}

/** Fills a field of a form by its name. */
export const fill = (page, fields) => Object.entries(fields).reduce((before, [name, value]) => before.then(() => page.locator(`[name="${name}"]`).fill(value)), Promise.resolve());

/** Presses a key that sends a form, and waits for the page that answers. */
export async function submit(page, key = "Enter") {
  await Promise.all([page.waitForEvent("load"), page.keyboard.press(key)]);
}

/** Waits until a function is true in the page. The policy of our pages forbids what `page.waitForFunction` does. */
export const waitFor = (page, what, work, arg) => until(what, () => page.evaluate(work, arg), 10_000);

/** Waits until an element says so, by a pattern or word for word: pages paint after the act that a test has just done. */
export async function says(locator, words, why) {
  const isPattern = words instanceof RegExp;
  let text;
  try {
    await until(String(words), async () => { text = await locator.innerText(); return isPattern ? words.test(text) : text === words; }, 10_000);
  } catch {
    assert[isPattern ? "match" : "equal"](text, words, why);
  }
}

function watch(context, office, statuses) {
  const problems = [], at = (page) => new URL(page?.url() || "about:blank").pathname;
  const ours = (url) => url.startsWith(`${office.url}/`) || /^(?:data|blob|about):/.test(url) || /^http:\/\/(?:127\.0\.0\.1|localhost)[:/]/.test(url);
  context.on("weberror", (error) => problems.push(`exception on ${at(error.page())}: ${error.error().stack ?? error.error()}`));
  context.on("console", (message) => {
    // The status of an answer is looked at below; the browser writes it here as well.
    if (message.type() !== "error" || message.text().startsWith("Failed to load resource")) return;
    problems.push(`console on ${at(message.page())}: ${message.text()}`);
  });
  context.on("request", (request) => { if (!ours(request.url())) problems.push(`a request left for ${request.url()}`); });
  context.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // Going elsewhere ends what is still loading; a context made offline on purpose fails what it asks for.
    if (why !== "net::ERR_ABORTED" && !(context.offline && why === "net::ERR_INTERNET_DISCONNECTED")) problems.push(`${request.method()} ${request.url()}: ${why}`);
  });
  context.on("response", (response) => {
    // The service worker fetches ahead what a role may not see, and keeps nothing of it.
    const ahead = response.request().serviceWorker() && [403, 404].includes(response.status());
    if (response.status() >= 400 && !ahead && !statuses.includes(response.status())) problems.push(`${response.request().method()} ${response.url()}: ${response.status()}`);
  });
  return problems;
}

/** Takes the line away from every page of a context, or gives it back. */
export async function setOffline(pageOrContext, offline) {
  const context = pageOrContext.context?.() ?? pageOrContext;
  context.offline = offline;
  await context.setOffline(offline);
}
