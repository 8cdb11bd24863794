// Taking a dossier in: the happy way, what is typed stays after an error, one act is one note, and the way without a line.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { launch, NARROW, open, PHONE, setOffline, waitFor } from "./support/browser.mjs";
import { Office, PIN } from "./support/office.mjs";

let browser, office;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
});
after(async () => { await browser?.close(); await office?.close(); });

const path = (page) => new URL(page.url()).pathname;
const LICENCE = "1.002815";                                           // four papers, 135.000 ₫

/** Draws something into a signature box, as a mouse or a finger does. */
async function draw(page, who) {
  const canvas = page.locator(`[data-who="${who}"] canvas`);
  await canvas.scrollIntoViewIfNeeded();
  // The closing bar lies over the page: a box in the middle is clear of it.
  await canvas.evaluate((box) => box.scrollIntoView({ block: "center" }));
  const { x, y } = await canvas.boundingBox();
  await page.mouse.move(x + 30, y + 60);
  await page.mouse.down();
  for (let i = 1; i < 10; i += 1) await page.mouse.move(x + 30 + i * 10, y + 60 + (i % 2 ? 20 : -15));
  await page.mouse.up();
}
/** Fills the form but for what `without` names. */
async function fillIn(page, { without = [], procedure = LICENCE } = {}) {
  const put = async (name, value) => { if (!without.includes(name)) await page.locator(`#${name}`).fill(value); };
  await page.locator("#procedure").selectOption(procedure);
  await put("name", "Cao Văn Tý");
  await put("phone", "0900000012");
  await put("address", "24 Trần Quý Cáp");
  if (!without.includes("papers")) for (const more of await page.locator("#papers tbody td:nth-of-type(1) button:last-child").all()) await more.click();
  await put("seal", "40132");
  await put("receipt", "BL-26A 0007315");
  for (const who of ["sender", "clerk"]) if (!without.includes(who)) await draw(page, who);
}
const takeIn = (page) => Promise.all([page.waitForEvent("load"), page.locator(".bar .btn-main").click()]);
const noteNo = async (page) => (await page.locator(".head .code").innerText()).trim();
const legs = async () => (await fetch(`${office.url}/v1/legs?kind=INTAKE&limit=500`, { headers: { Authorization: `Bearer ${office.postKey}` } })).json().then(({ items }) => items);

test("a dossier is taken in: counted, paid, signed by both, with a number of its own", async (t) => {
  const page = await open(t, browser, office, { role: "POST_CLERK" });
  await page.goto("/post/intake");
  await assertAccessible(page);
  await page.locator("#procedure").selectOption(LICENCE);
  assert.equal(await page.locator("#papers tbody tr").count(), 4);
  assert.match(await page.locator("#need-t").innerText(), /1 bản sao Căn cước/);
  assert.equal(await page.locator("#fee").inputValue(), "135.000");
  await fillIn(page);
  assert.equal(await page.locator("#so").innerText(), "4");
  assert.match(await page.locator("#todo").innerText(), /Đủ để nhận/);
  await assertAccessible(page);
  await takeIn(page);
  assert.match(path(page), /^\/post\/intake\/leg_/);
  assert.equal(await noteNo(page), "PG-650100-000001");
  assert.equal(await page.getByRole("link", { name: "In phiếu gửi" }).getAttribute("href"), `/papers/consignment/${path(page).split("/").at(-1)}.pdf`);
  await assertAccessible(page);
  const [leg] = await legs();
  assert.deepEqual([leg.state, leg.holder, leg.originals, leg.copies, leg.feeToCollect, leg.sealNo], ["ACCEPTED", "POST", 4, 0, 135000, "40132"]);
});

test("an error names the field, keeps what was typed, the counts and the signature", async (t) => {
  const page = await open(t, browser, office, { role: "POST_CLERK", size: PHONE, statuses: [422] });
  const before = (await legs()).length;
  await page.goto("/post/intake");
  await fillIn(page, { without: ["address", "receipt", "clerk"] });
  await page.locator("#phone").fill("090000012");
  assert.match(await page.locator("#todo").innerText(), /địa chỉ, số biên lai, chữ ký của bạn/);
  await takeIn(page);
  assert.match(await page.locator("#wrong").innerText(), /Mọi thứ đã nhập còn nguyên/);
  assert.ok(await page.locator("#wrong").evaluate((box) => box === document.activeElement));
  assert.match(await page.locator("#address-e").innerText(), /Nhập địa chỉ/);
  assert.match(await page.locator("#address").getAttribute("aria-describedby"), /address-e/);
  assert.match(await page.locator("#clerk_png-e").innerText(), /chưa ký/);
  assert.equal(await page.locator("#name").inputValue(), "Cao Văn Tý");
  assert.equal(await page.locator("#so").innerText(), "4");
  assert.equal(await page.locator('[data-who="sender"]').getAttribute("data-inked"), "yes", "the sender need not sign again");
  await assertAccessible(page);
  await page.locator("#address").fill("24 Trần Quý Cáp");
  await draw(page, "clerk");
  await takeIn(page);
  assert.match(await page.locator("#phone-e").innerText(), /số điện thoại/i);
  assert.match(await page.locator("#receipt-e").innerText(), /số biên lai/);
  assert.equal((await legs()).length, before, "nothing was taken yet");
  await page.locator("#phone").fill("0900000012");
  await page.locator("#receipt").fill("BL-26A 0007316");
  await takeIn(page);
  assert.match(path(page), /^\/post\/intake\/leg_/);
});

test("the PIN signs for the post, a wrong one says so and is not shown again", async (t) => {
  const page = await open(t, browser, office, { role: "POST_CLERK", lang: "en", dark: true, statuses: [422] });
  await page.goto("/post/intake");
  await fillIn(page, { without: ["sender", "clerk"] });
  await page.locator("#on_paper").check();
  await page.locator("#pin").fill("135790");
  await takeIn(page);
  assert.match(await page.locator("#pin-e").innerText(), /The PIN is wrong. 4 tries left/);
  assert.equal(await page.locator("#pin").inputValue(), "");
  assert.ok(await page.locator("#on_paper").isChecked());
  await page.locator("#pin").fill(PIN);
  await takeIn(page);
  assert.match(path(page), /^\/post\/intake\/leg_/);
  await assertAccessible(page);
});

test("the same form sent twice is one note", async (t) => {
  const page = await open(t, browser, office, { role: "POST_CLERK" });
  await page.goto("/post/intake");
  await fillIn(page);
  const before = (await legs()).length;
  // What two quick presses send when nobody holds the second back.
  const notes = await page.evaluate(async () => {
    const send = () => fetch("/post/intake", { method: "POST", body: new URLSearchParams(new FormData(document.getElementById("form"))) });
    return (await Promise.all([send(), send(), send()])).map((reply) => reply.url);
  });
  assert.equal(new Set(notes).size, 1, notes.join(" "));
  assert.equal((await legs()).length, before + 1);
  // The same form with other content is told so, and changes nothing.
  await page.locator("#seal").fill("40999");
  await takeIn(page);
  assert.equal(page.url(), `${notes[0]}?again=changed`);
  assert.match(await page.locator("main").innerText(), /đã được nhận trước đó/);
  assert.equal((await legs()).length, before + 1);
});

test("without a line the act is kept on the device with its pictures and its time", async (t) => {
  const page = await open(t, browser, office, { role: "POSTMAN", size: PHONE });
  await page.goto("/post/intake");
  assert.ok(await page.locator("[name=place][value=door]").isChecked(), "a postman takes in at the door");
  await fillIn(page);
  await setOffline(page, true);
  await page.locator(".bar .btn-main").click();
  await page.locator("#kept").waitFor();
  const act = await page.evaluate(() => new Promise((done) => {
    const asked = indexedDB.open("giaonhan");
    asked.onsuccess = () => {
      const all = asked.result.transaction("outbox").objectStore("outbox").getAll();
      all.onsuccess = () => done(all.result[0]);
    };
  }));
  assert.equal(act.kind, "INTAKE");
  assert.deepEqual(act.files.map((file) => file.name).sort(), ["clerk", "sender"]);
  assert.deepEqual([act.body.atDoor, act.body.promiseDays, act.body.fee, act.body.clerkSignature], [true, 2, 135000, { DRAWN: "clerk" }]);
  await waitFor(page, "the badge counts it", () => document.querySelector(".net").textContent.includes("1 chưa gửi"));
});

test("manifests show their lines, close once, and a new one opens", async (t) => {
  const page = await open(t, browser, office, { role: "POST_CLERK", size: NARROW });
  await page.goto("/post/intake");
  await fillIn(page);
  await takeIn(page);
  await page.locator("dl a").click();
  await page.locator("main h1").waitFor();
  const first = await page.locator("main h1 .code").innerText();
  assert.match(first, /^BK-650100-H32\.15-\d{8}-S[123]-\d\d$/);
  await assertAccessible(page);
  await takeIn(page);                                                 // the main button closes
  assert.match(await page.locator("main").innerText(), /Đã đóng bảng kê/);
  await page.goto("/post/manifests");
  await assertAccessible(page);
  assert.ok((await page.locator("#h-closed").locator("xpath=../..").innerText()).includes(first));
  await page.goto("/post");
  await assertAccessible(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no page scrolls sideways");
  assert.match(await page.locator("main").innerText(), /hồ sơ nhận hôm nay/);
});
