// Reconciliation of books: what was compared stands in a list, a window is compared on demand, and one without a book is refused at its field.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";
import { day } from "./support/papers.mjs";

const POST = "post-test", FROM = day(-3), LAST = day(-1), UNTIL = day(0);

let browser, office, folder;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false, config: "[reconciler]\ndaily = false\nlag_h = 0\n" });
  folder = await mkdtemp(join(tmpdir(), "giaonhan-books."));
  const file = join(folder, "book.csv");
  await writeFile(file, `itemNumber;day;status\nCH650100011VN;${day(-2)};ACCEPTED\n`);
  await office.cli("book", "load", "--side", "post", "--counterpart", POST, "--from", FROM, "--until", UNTIL, file);
  await office.cli("reconcile", "--side", "post", "--counterpart", POST, "--from", FROM, "--until", UNTIL);
});
after(async () => {
  await browser?.close();
  await office?.close();
  if (folder) await rm(folder, { recursive: true });
});

// SHOTS=folder keeps pictures of the pages, to look at.
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);

const compare = async (page, from, last) => {
  await page.goto("/oversight/books");
  await page.fill("#from", from);
  await page.fill("#until", last);
  await page.getByRole("button", { name: /Đối soát|Compare/ }).click();
};

for (const [name, size, dark, lang] of [["desk", DESK, false, "vi"], ["phone", PHONE, true, "vi"], ["narrow", NARROW, false, "en"]]) {
  test(`what was compared is listed and told, ${name}`, async (t) => {
    const page = await open(t, browser, office, { role: "OVERSIGHT", size, dark, lang });
    await page.goto("/oversight/books");
    await says(page.locator("tbody tr").first(), /post-test[^]*0[,.]00\s?%/);
    assert.equal(await sideways(page), 0);
    await assertAccessible(page);
    await shot(page, `books-${name}`);
    await page.locator("tbody a").first().click();
    await page.waitForURL(/\/oversight\/books\/rc_/);
    await says(page.locator("table[aria-labelledby=h-f] tbody"), lang === "vi" ? /Bưu chính có, sổ không có\s+1/ : /In the post's book, not in ours\s+1/);
    const first = await page.locator("table[aria-labelledby=h-t] tr").first().boundingBox();
    assert.ok(first.height < 80, `a share stays together, and is ${first.height} px high`);
    assert.equal(await sideways(page), 0);
    await assertAccessible(page);
    await shot(page, `book-run-${name}`);
  });
}

test("oversight's page leads to the books, and a window that has one is compared", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT" });
  await page.goto("/oversight");
  await page.locator("a[href='/oversight/books']").click();
  await page.waitForURL("**/oversight/books");
  await compare(page, FROM, LAST);
  await page.waitForURL(/\/oversight\/books\/rc_/);
  await says(page.locator("h1"), /post-test/);
});

test("a window that has no book is refused at its field, and keeps what was typed", async (t) => {
  const page = await open(t, browser, office, { role: "OVERSIGHT", size: PHONE, statuses: [422] });
  await compare(page, day(-40), day(-39));
  await says(page.locator("#until-e"), "Chưa có sổ nào của những ngày này.");
  assert.equal(await page.locator("#until").getAttribute("aria-describedby"), "until-e");
  assert.equal(await page.inputValue("#from"), day(-40), "what was typed stays");
  assert.equal(await page.locator("[aria-invalid=true]").count(), 1, "the other fields are right");
  assert.equal(await sideways(page), 0);
  await assertAccessible(page);
  await compare(page, day(-1), day(-3));
  await says(page.locator("#until-e"), /tối đa 92 ngày/);
});
