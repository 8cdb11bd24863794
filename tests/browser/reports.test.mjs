// Reports: made from a form, read as tables with their bases, led to the dossiers behind a number, taken away as files.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";

let browser, office;
before(async () => {
  browser = await launch();
  office = await Office.open({ played: 60 });
});
after(async () => { await browser?.close(); await office?.close(); });

// SHOTS=folder keeps pictures of the pages, to look at.
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);

const make = async (page, definition) => {
  await page.goto("/oversight/reports");
  await page.selectOption("#definition", definition);
  await page.getByRole("button", { name: /Lập và chốt|Make and keep/ }).click();
  await page.waitForURL(/\/oversight\/reports\/cut_/);
};

test("a report is made, read, and leads to its dossiers", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  await page.goto("/oversight/reports");
  await assertAccessible(page);
  await shot(page, "reports-desk");
  await make(page, "BCCI_ANNEX");
  await says(page.locator("h1"), /Phụ lục tiếp nhận, trả kết quả/);
  await assertAccessible(page);
  await shot(page, "report-desk");
  const link = page.locator("table[aria-labelledby=h-agencies] td.num a").first();
  const number = await link.innerText();
  await link.click();
  await page.waitForURL(/\/legs\?/);
  await says(page.locator(".head p"), new RegExp(`: ${number}$`));
  assert.equal(await page.locator("tbody tr").count(), Number(number), "exactly the dossiers that make it");
  await assertAccessible(page);
});

test("every report can be read on a phone and in English", async (t) => {
  for (const [size, options] of [["phone", { size: PHONE }], ["narrow", { size: NARROW, lang: "en" }], ["desk", { size: DESK, lang: "en", dark: true }]]) {
    const page = await open(t, browser, office, { role: "OVERSIGHT", ...options });
    await page.goto("/oversight/reports");
    assert.equal(await sideways(page), 0, size);
    const definitions = await page.locator("#definition option").evaluateAll((all) => all.map((one) => one.value).filter(Boolean));
    assert.equal(definitions.length, 8);
    for (const definition of definitions) {
      await make(page, definition);
      assert.equal(await sideways(page), 0, `${definition} ${size}`);
      await assertAccessible(page);
      await shot(page, `report-${definition}-${size}`);
    }
  }
});

test("figures are entered as a table, and what is wrong is told by line", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT", statuses: [422] });
  await page.goto("/oversight/figures");
  const head = "figure;from;until;value;source";
  await page.fill("#text", `${head}\nSOLVED_LATE;2026-01-01;2026-02-01;x;công văn`);
  await page.getByRole("button", { name: "Nhập", exact: true }).click();
  await says(page.locator("#text-e"), /Dòng 2/);
  assert.match(await page.inputValue("#text"), /SOLVED_LATE/, "what was typed stays");
  await assertAccessible(page);
  await page.fill("#text", `${head}\nSOLVED_LATE;2026-01-01;2026-02-01;1980;công văn`);
  await page.getByRole("button", { name: "Nhập", exact: true }).click();
  await says(page.getByRole("status"), /Đã nhập 1 số/);
  await says(page.locator("tbody tr").first(), /1\.980/);
  await assertAccessible(page);
  await shot(page, "figures-desk");
});

test("files are what they are called", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  await make(page, "LATE_SHARES");
  for (const [name, ending] of [["XLSX", "xlsx"], ["PDF", "pdf"], ["CSV", "csv"], ["JSON", "json"]]) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: `Tải ${name}` }).click()]);
    assert.match(file.suggestedFilename(), new RegExp(`^late_shares_.*\\.${ending}$`));
  }
});
