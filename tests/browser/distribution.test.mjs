// Reports that leave by themselves: schedules, what is asked for by hand, and what became of every file.

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";

let browser, office, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "giaonhan-reports."));
  browser = await launch();
  // Nothing listens on port 9: what goes to the web hook parks at once.
  office = await Office.open({ played: 40, config: `
[outbox]
order_attempts_max = 1
[[receivers]]
name = "so-noi-vu"
kind = "folder"
path = "${folder}"
[[receivers]]
name = "truc-lgsp"
kind = "webhook"
url = "http://127.0.0.1:9"
secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
[[report_schedules]]
name = "phu-luc-thang"
report = "bcci-annex"
agency = "H32.15"
formats = ["xlsx", "csv"]
receivers = ["so-noi-vu", "truc-lgsp"]
` });
});
after(async () => { await browser?.close(); await office?.close(); await rm(folder, { recursive: true, force: true }); });

const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);

test("a report is asked for by hand, arrives once, and what did not arrive leads to its message", async (t) => {
  const page = await open(t, browser, office, { role: "ADMINISTRATOR", statuses: [422] });
  await page.goto("/oversight/reports");
  await page.getByRole("link", { name: "Gửi định kỳ" }).click();
  await says(page.locator("main"), /phu-luc-thang/);
  await page.fill("#period", "2026-99");
  await page.getByRole("button", { name: "Lập và gửi" }).click();
  await says(page.locator("#period-e"), /một kỳ đã qua/);
  assert.equal(await page.inputValue("#period"), "2026-99", "what was typed stays");
  await assertAccessible(page);
  for (let times = 0; times < 2; times++) {
    await page.goto("/oversight/reports/deliveries");
    await page.fill("#period", "2026-01");
    await page.getByRole("button", { name: "Lập và gửi" }).click();
    await says(page.locator(".note-ok"), /Đã có bản chốt/);
  }
  const parked = page.getByRole("link", { name: "Xem và gửi lại" });
  for (let looks = 0; looks < 200 && !(await parked.count()); looks++) await page.reload();
  await says(page.locator("main"), /Đã đến/);
  assert.equal(await page.getByRole("link", { name: /Phụ lục tiếp nhận/ }).count(), 1, "the second asking made nothing");
  const names = ["2026-01_bcci-annex_H32.15.csv", "2026-01_bcci-annex_H32.15.xlsx"];
  assert.deepEqual((await readdir(folder)).sort(), names.flatMap((name) => [name, `${name}.sha256`]));
  await assertAccessible(page);
  await shot(page, "report-deliveries");
  await parked.click();
  await says(page.locator("h1"), /Tin gửi nơi nhận bị treo/);
  assert.equal(await page.locator("textarea[name=body]").count(), 0, "nobody changes what it says");
});

test("the page can be read on every size and in English", async (t) => {
  for (const [size, options] of [["phone", { size: PHONE, dark: true }], ["narrow", { size: NARROW, lang: "en" }], ["desk", { size: DESK, lang: "en", dark: true }]]) {
    const page = await open(t, browser, office, { role: "OVERSIGHT", ...options });
    await page.goto("/oversight/reports/deliveries");
    assert.equal(await sideways(page), 0, size);
    await assertAccessible(page);
    await shot(page, `report-deliveries-${size}`);
  }
});
