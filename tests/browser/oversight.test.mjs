// Oversight's first page: numbers with their bases, plots with their figures beside them, and where the worst offices lead.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";
import { day } from "./support/papers.mjs";

let browser, office, late;
before(async () => {
  browser = await launch();
  office = await Office.open({ played: 60 });
  // Results that were promised for yesterday and are still at the desk.
  const lines = [1, 2, 3].map((n) => office.papers.line("RESULT", n, { dueAt: `${day(-1)}T17:00:00+07:00` }));
  late = await office.manifest("RESULT", lines);
});
after(async () => { await browser?.close(); await office?.close(); });

// SHOTS=folder keeps pictures of the pages, to look at.
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);

test("every main number stands with its base", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  await page.goto("/oversight");
  const kpis = await page.locator(".kpi").allInnerTexts();
  assert.equal(kpis.length, 5);
  for (const kpi of kpis) assert.match(kpi, /(?:\d+(?:,\d+)?\s?%|–)[^]*[\d.]+\s?\/\s?[\d.]+/, kpi);
  assert.match(kpis.at(-1), /[1-9][\d.]*\s?\/\s?[1-9][\d.]* hồ sơ đang mở/, "what is overdue is counted");
  await assertAccessible(page);
  await shot(page, "oversight-desk");
});

test("plots are drawings with a sentence for who does not see them, and their figures in a table", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  await page.goto("/oversight");
  const figures = await page.locator("figure.chart").all();
  assert.equal(figures.length, 4);
  for (const figure of figures) {
    const finding = await figure.locator("figcaption b").innerText();
    const drawings = await figure.locator("svg[role=img]").all();
    assert.ok(drawings.length >= 1, finding);
    for (const drawing of drawings) {
      const said = (await drawing.getAttribute("aria-label")) ?? (await drawing.locator("title").textContent());
      assert.ok(said.trim().length > 20, `${finding}: ${said}`);
    }
    assert.equal(await figure.locator("svg[role=img]:visible").count(), 1, `${finding}: one drawing for this screen`);
    await figure.locator("summary").click();
    assert.ok(await figure.locator("tbody tr:visible").count() > 0, `${finding}: its figures`);
  }
  await assertAccessible(page);
  await says(figures[2].locator("figcaption b"), /hồ sơ đang trên đường/);
});

test("the worst offices lead to their overdue dossiers", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  const number = late.manifest.lines[0].dossierNo.split("-").at(-1);
  for (const [table, name, filter] of [["agencies", "agency", "H32.15"], ["posts", "office", "650100"]]) {
    await page.goto("/oversight");
    const row = page.locator(`section[aria-labelledby="h-${table}"] tbody tr`, { hasText: filter });
    await says(row, /\d+\s?\/\s?\d+/);
    await Promise.all([page.waitForURL("**/dossiers?*"), row.getByRole("link").click()]);
    assert.equal(await page.locator(`#${name}`).inputValue(), filter);
    assert.ok(await page.getByRole("checkbox", { name: /quá ngày hẹn/ }).isChecked());
    const list = page.locator('section[aria-labelledby="h-lines"]');
    assert.ok((await list.innerText()).includes(number), "the late ones are on it");
    await assertAccessible(page);
  }
  await shot(page, "oversight-dossiers");
  await page.locator("tbody th a", { hasText: number }).click();
  await page.waitForURL("**/dossiers/leg_*");
  const story = await page.locator("main").innerText();
  assert.ok(!story.includes(late.manifest.lines[0].party.name), "oversight sees no names");
});

test("an administrator sees the numbers too, and is led to the work list instead", async (t) => {
  const page = await open(t, browser, office, { role: "ADMINISTRATOR" });
  await page.goto("/oversight");
  assert.equal(await page.locator('a[href^="/dossiers"]').count(), 0);
  await page.getByRole("link", { name: "Mở danh sách việc cần xử lý" }).click();
  await page.waitForURL("**/exceptions");
});

test("it works on a phone, in both languages, light and dark", async (t) => {
  for (const [size, lang, dark] of [[PHONE, "vi", true], [PHONE, "en", false], [DESK, "en", true]]) {
    const page = await open(t, browser, office, { role: "OVERSIGHT", size, lang, dark });
    await page.goto("/oversight");
    await assertAccessible(page);
    await shot(page, `oversight-${size.width}-${lang}-${dark ? "dark" : "light"}`);
    await page.setViewportSize(NARROW);
    assert.equal(await sideways(page), 0, "moves sideways");
    await page.setViewportSize(size);
    assert.equal(await sideways(page), 0, "moves sideways");
  }
});
