// Taking a dossier in: the happy way, what is typed stays after an error, one act is one note, and the way without a line.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { launch, NARROW, open, PHONE, says, setOffline, waitFor } from "./support/browser.mjs";
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
/** Adds a paper that is not on the checklist. */
async function addPaper(page, name, originals, copies) {
  await page.locator("#add").click();
  const row = page.locator("tr[data-added]").last();
  await row.locator("[name=paper]").fill(name);
  await row.locator("[name=originals]").fill(String(originals));
  await row.locator("[name=copies]").fill(String(copies));
}
/** Fills the form but for what `without` names. */
async function fillIn(page, { without = [], procedure = LICENCE } = {}) {
  const put = async (name, value) => { if (!without.includes(name)) await page.locator(`#${name}`).fill(value); };
  await page.locator("#procedure").selectOption(procedure);
  await put("name", "Cao Văn Tý");
  await put("phone", "0900000012");
  await put("address", "24 Trần Quý Cáp");
  if (!without.includes("papers")) for (const more of await page.locator("#papers tbody tr:not([data-added]) td:nth-of-type(1) button:last-child").all()) await more.click();
  await put("seal", "40132");
  await put("receipt", "BL-26A 0007315");
  await put("postage", "30.000");
  if (!without.includes("postage_receipt") && await page.locator("#postage_receipt").isVisible()) await put("postage_receipt", "C-26 000123");
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
  await says(page.locator("#need-t"), /1 bản sao Căn cước/);
  assert.equal(await page.locator("#fee").inputValue(), "135.000");
  await fillIn(page);
  await says(page.locator("#so"), "4");
  await says(page.locator("#todo"), /Đủ để nhận/);
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
  await addPaper(page, "Giấy xác nhận cư trú", 1, 2);
  await page.locator("#add").click();
  await says(page.locator("#todo"), /tên giấy tờ thêm/);
  await page.locator("tr[data-added]").last().locator("[data-remove]").click();
  assert.equal(await page.locator("tr[data-added]").count(), 1, "an added row can be taken off again");
  await says(page.locator("#todo"), /địa chỉ, số biên lai, chữ ký của bạn/);
  await takeIn(page);
  await says(page.locator("#wrong"), /Mọi thứ đã nhập còn nguyên/);
  assert.ok(await page.locator("#wrong").evaluate((box) => box === document.activeElement));
  await says(page.locator("#address-e"), /Nhập địa chỉ/);
  await says(page.locator("#phone-e"), /số điện thoại/i, "everything that is wrong is told at once");
  await says(page.locator("#receipt-e"), /số biên lai/);
  assert.match(await page.locator("#address").getAttribute("aria-describedby"), /address-e/);
  await says(page.locator("#clerk_png-e"), /chưa ký/);
  assert.equal(await page.locator("#name").inputValue(), "Cao Văn Tý");
  assert.deepEqual([await page.locator("#so").innerText(), await page.locator("#sc").innerText()], ["5", "2"]);
  assert.equal(await page.locator("tr[data-added] [name=paper]").inputValue(), "Giấy xác nhận cư trú");
  assert.equal(await page.locator("#postage_receipt").inputValue(), "C-26 000123");
  assert.equal(await page.locator('[data-who="sender"]').getAttribute("data-inked"), "yes", "the sender need not sign again");
  await assertAccessible(page);
  await page.locator("#address").fill("24 Trần Quý Cáp");
  await draw(page, "clerk");
  await takeIn(page);
  await says(page.locator("#phone-e"), /số điện thoại/i);
  await says(page.locator("#receipt-e"), /số biên lai/);
  assert.equal((await legs()).length, before, "nothing was taken yet");
  assert.equal(await page.locator('[data-who="clerk"]').getAttribute("data-inked"), "yes", "a signature does not vanish because a number was wrong");
  // What is wrong with one paper stands at its row, and the receipt of the fee is not that of the postage.
  await addPaper(page, "GIẤY XÁC NHẬN  cư trú", 1, 0);
  await page.locator("#postage_receipt").fill("BL-26A 0007316");
  await page.locator("#receipt").fill("BL-26A 0007316");
  await takeIn(page);
  const twin = page.locator("tr[data-added]").last().locator("[name=paper]");
  await says(page.locator(`[id="${await twin.getAttribute("aria-describedby")}"]`), /đã có dòng/);
  await says(page.locator("#postage_receipt-e"), /cước có biên lai riêng/);
  assert.deepEqual([await page.locator("#so").innerText(), await page.locator("#sc").innerText()], ["6", "2"]);
  for (const who of ["sender", "clerk"]) assert.equal(await page.locator(`[data-who="${who}"]`).getAttribute("data-inked"), "yes");
  await assertAccessible(page);
  await page.locator("tr[data-added]").last().locator("[data-remove]").click();
  await page.locator("#postage_receipt").fill("C-26 000124");
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
  await says(page.locator("#pin-e"), /The PIN is wrong. 4 tries left/);
  assert.equal(await page.locator("#pin").inputValue(), "");
  assert.ok(await page.locator("#on_paper").isChecked());
  await page.locator("#pin").fill(PIN);
  await takeIn(page);
  assert.match(path(page), /^\/post\/intake\/leg_/);
  await assertAccessible(page);
});

/** The text of a PDF of ours, without spaces. */
async function textOf(page, address) {
  const file = join(await mkdtemp(join(tmpdir(), "giaonhan-note.")), "note.pdf");
  await writeFile(file, await (await page.request.get(address)).body());
  try {
    return execFileSync("pdftotext", ["-raw", file, "-"], { encoding: "utf8" }).replace(/\s+/g, "");
  } finally {
    await rm(dirname(file), { recursive: true, force: true });
  }
}
const bare = (text) => text.replace(/\s+/g, "");

test("the note keeps service, lane and postage, and a paper beside the list goes with the others everywhere", async (t) => {
  const page = await open(t, browser, office, { role: "POST_CLERK", size: PHONE });
  await page.goto("/post/intake?procedure=" + LICENCE);
  // Only what applies is asked: the slip with sending alone, published days on a special lane, a receipt for postage that is paid.
  assert.equal(await page.locator("#slip").isVisible(), false);
  await page.locator('label:has([name="service"][value="SEND"])').click();
  await says(page.locator("label[for=lane-BETWEEN_AREAS] [data-promise]:visible"), /J\+2/);
  await page.locator("#slip").check();
  await says(page.locator("label[for=lane-BETWEEN_AREAS] [data-promise]:visible"), /J\+4/);
  assert.equal(await page.locator("#promise").isVisible(), false);
  await page.locator("#lane-SPECIAL").check();
  await says(page.locator("#todo"), /số ngày công bố/);
  await page.locator("#lane-WITHIN_AREA").check();
  await page.locator("#pay").selectOption("CONTRACT");
  assert.equal(await page.locator("#postage_receipt").isVisible(), false);
  await page.locator("#pay").selectOption("SENDER_NOW");
  await fillIn(page);
  await says(page.locator("#pay-now"), "165.000 ₫");
  await page.locator("#email").fill("nguoi.gui@example.vn");
  await addPaper(page, "Giấy ủy quyền của cha mẹ", 1, 0);
  await says(page.locator("#so"), "5");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no page scrolls sideways");
  await assertAccessible(page);
  await takeIn(page);
  const id = path(page).split("/").at(-1);
  const shown = await page.locator("main").innerText();
  for (const words of ["Gửi hồ sơ", "30.000", "C-26 000123", "J+2", "Trong cùng địa bàn", "Giấy ủy quyền của cha mẹ: 1 bản chính"]) assert.ok(shown.includes(words), words);
  const note = await textOf(page, `/papers/consignment/${id}.pdf`);
  for (const words of ["Gửi hồ sơ", "30.000", "người gửi trả ngay, biên lai C-26 000123", "biên lai BL-26A 0007315", "J+2, trong cùng địa bàn", "tại quầy bưu cục", "Giấy ủy quyền của cha mẹ", "nguoi.gui@example.vn"]) assert.ok(note.includes(bare(words)), words);
  assert.ok(!note.includes(bare("Người nhận kết quả")), "no result is brought, so nobody signs for it here");

  // The manifest, the lines of the handover, and the page of the dossier name it too.
  await page.locator("dl a").click();
  await page.locator("main h1").waitFor();
  const folded = page.locator("details.papers", { hasText: "Giấy ủy quyền của cha mẹ" }).first();
  await folded.locator("summary").click();
  await says(folded, /Giấy ủy quyền của cha mẹ: 1 bản chính/);
  await assertAccessible(page);
  await page.goto(`/dossiers/${id}`);
  assert.match(await page.locator("main").textContent(), /1 bản chính\s*: Giấy ủy quyền của cha mẹ/);
  await page.goto("/handovers/new");
  for (const box of await page.locator("input[name=leg]").all()) if ((await box.getAttribute("value")) !== id) await box.uncheck();
  await Promise.all([page.waitForEvent("load"), page.locator(".bar .btn-main").click()]);
  const desk = await open(t, browser, office, { role: "DESK_CLERK" });
  await desk.goto(path(page));
  await desk.locator("details.papers summary").click();
  await says(desk.locator("#line-1"), /Giấy ủy quyền của cha mẹ: 1 bản chính/);
  await assertAccessible(desk);
  // Counting another number says why it cannot be taken, and offers the way out on the spot.
  await desk.locator('#line-1 [data-count="o"]').fill("4");
  await desk.locator('#line-1 [data-count="c"]').fill("0");
  const more = desk.locator('tr[data-more="1"]');
  await more.waitFor();
  await says(more, /thiếu 1 bản chính[^]*QĐ 45 Đ7 k2, k3[^]*Chọn Không nhận/);
  assert.ok(await more.locator('input[value="refuse"]').isChecked());
  assert.ok(await more.locator('input[value="take"]').isDisabled());
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
  await says(page.locator("main"), /đã được nhận trước đó/);
  assert.equal((await legs()).length, before + 1);
});

test("without a line the act is kept on the device with its pictures and its time", async (t) => {
  const page = await open(t, browser, office, { role: "POSTMAN", size: PHONE });
  await page.goto("/post/intake");
  assert.ok(await page.locator("[name=place][value=door]").isChecked(), "a postman takes in at the door");
  await fillIn(page);
  await addPaper(page, "Giấy xác nhận cư trú", 0, 1);
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
  assert.deepEqual([act.body.atDoor, act.body.lane, act.body.fee, act.body.clerkSignature], [true, "BETWEEN_AREAS", 135000, { DRAWN: "clerk" }]);
  assert.deepEqual([act.body.service, act.body.postage, act.body.postagePay, act.body.postageReceiptNo], ["BOTH", 30000, "SENDER_NOW", "C-26 000123"]);
  assert.ok(act.body.papers.some(({ name, originals, copies }) => name === "Giấy xác nhận cư trú" && originals === 0 && copies === 1));
  await waitFor(page, "the badge counts it", () => document.querySelector(".net").textContent.includes("1 chưa gửi"));
  const before = (await legs()).length;
  await setOffline(page, false);
  await waitFor(page, "it is sent", () => document.querySelector(".net").textContent.includes("Đã gửi hết"));
  const now = await legs();
  assert.equal(now.length, before + 1);
  assert.ok(now.some((leg) => leg.papers.some(({ name }) => name === "Giấy xác nhận cư trú") && leg.originals === 4 && leg.copies === 1), "with the paper that was added");
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
  await says(page.locator("main"), /Đã đóng bảng kê/);
  await page.goto("/post/manifests");
  await assertAccessible(page);
  assert.ok((await page.locator("#h-closed").locator("xpath=../..").innerText()).includes(first));
  await page.goto("/post");
  await assertAccessible(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no page scrolls sideways");
  await says(page.locator("main"), /hồ sơ nhận hôm nay/);
});
