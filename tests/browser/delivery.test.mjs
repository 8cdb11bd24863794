// A postman's round: given by ticking, handed out with evidence, a failed attempt with an invitation, what is missing beside the button.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { launch, open, PHONE, says, waitFor } from "./support/browser.mjs";
import { Office, PIN } from "./support/office.mjs";

let browser, office, legs;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
  await office.account("POSTMAN");
  const { receipt } = await office.manifest("RESULT", 2);
  legs = receipt.lines.map((line) => line.legId);
  const at = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 19) + "+07:00";
  const facts = legs.map((legId) => ({ factId: `a-${legId}`, legId, event: "ACCEPTED", occurredAt: at }));
  await office.call("POST", "/v1/facts", { facts }, { side: "post" });
});
after(async () => { await browser?.close(); await office?.close(); });

const sent = (page) => waitFor(page, "everything sent", () => document.querySelector(".net span").textContent === "Đã gửi hết");
const state = async (id) => (await office.call("GET", `/v1/legs/${id}`, undefined, { side: "post" })).state;

test("a clerk gives, the postman hands out with evidence and logs a failed attempt", async (t) => {
  const clerk = await open(t, browser, office, { role: "POST_CLERK", statuses: [422] });
  await clerk.goto("/post/rounds");
  await clerk.locator('form[action="/post/rounds/give"] button').click();
  await clerk.locator("#postman-e").waitFor();
  for (const id of legs) await clerk.locator(`#w-${id}`).check();
  await clerk.locator("#postman").selectOption({ label: "Trần Văn Lực" });
  await clerk.locator('form[action="/post/rounds/give"] button').click();
  await clerk.getByText("Đã giao 2 hồ sơ.").waitFor();
  await assertAccessible(clerk);
  assert.equal(await state(legs[0]), "OUT_FOR_DELIVERY");

  const page = await open(t, browser, office, { role: "POSTMAN", size: PHONE });
  await page.goto("/post/delivery");
  await page.waitForSelector("html[data-ready]");
  assert.equal(await page.locator("#stops > li").count(), 2);
  await assertAccessible(page);
  await page.goto(`/post/delivery/${legs[0]}`);
  await page.waitForSelector("html[data-ready]");
  await says(page.locator("#bar-t"), /Còn thiếu: giấy tờ tùy thân, .*chữ ký/);
  assert.equal(await page.locator("#done").getAttribute("aria-disabled"), "true");
  await assertAccessible(page);
  await page.locator("#idk").selectOption({ index: 1 });
  await page.locator("#id4").fill("0001");
  for (const box of await page.locator("[data-paper]").all()) await box.check();
  for (const old of await page.locator("[data-old]").all()) await old.locator("label").first().click();
  await page.locator("#paid").check();
  await page.locator("#rc").fill("BL-26A 0007314");
  const canvas = page.locator("[data-sign] canvas");
  await canvas.scrollIntoViewIfNeeded();
  const { x, y } = await canvas.boundingBox();
  await page.mouse.move(x + 20, y + 30);
  await page.mouse.down();
  await page.mouse.move(x + 120, y + 60, { steps: 8 });
  await page.mouse.up();
  await waitFor(page, "nothing is missing", () => document.getElementById("done").getAttribute("aria-disabled") === "false");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await page.locator("#done").click();
  await page.locator("#saved").waitFor();
  await sent(page);
  assert.equal(await state(legs[0]), "CONFIRMED");

  await page.locator(`#stops a[href$="${legs[1]}"]`).click();
  // The page that is left is ready, too.
  await page.waitForURL(`**/${legs[1]}`);
  await page.waitForSelector("html[data-ready]");
  await page.locator('label:has([name="res"][value="no"])').click();
  await says(page.locator("#bar-t"), /Còn thiếu: lý do/);
  await page.locator("#why-ABSENT").check();
  await page.locator("#next").selectOption("RETURN");
  await says(page.locator("#next-h"), /Cần hai lần mời/);
  assert.equal(await page.locator("#done").getAttribute("aria-disabled"), "true");
  await page.locator("#next").selectOption("INVITE");
  await says(page.locator("#next-h"), /Mời lần 1/);
  await waitFor(page, "ready", () => document.getElementById("done").getAttribute("aria-disabled") === "false");
  await page.locator("#done").click();
  await page.locator("#saved").waitFor();
  await sent(page);
  assert.equal(await state(legs[1]), "ATTEMPT_FAILED");
  await page.goto(`/post/delivery/${legs[1]}`);
  await page.waitForSelector("html[data-ready]");
  await page.locator('label:has([name="res"][value="no"])').click();
  await page.locator("#next").selectOption("INVITE");
  await says(page.locator("#next-h"), /Lần mời sau sớm nhất/);
});

const DAY_MS = 24 * 3_600_000;
const local = (ms) => `${new Date(ms + 7 * 3_600_000).toISOString().slice(0, 19)}+07:00`;
/** The instant so many working days ago, at the same hour. */
function workingDaysAgo(days) {
  let at = Date.now();
  for (let left = days; left > 0;) { at -= DAY_MS; if (new Date(at + 7 * 3_600_000).getUTCDay() % 6) left -= 1; }
  return at;
}
/** Results of the agency that the post holds and the postman carries. */
async function carried(count, lines) {
  const { receipt } = await office.manifest("RESULT", lines ?? count);
  const ids = receipt.lines.map((line) => line.legId);
  const at = local(workingDaysAgo(9));
  await office.call("POST", "/v1/facts", { facts: ids.map((legId) => ({ factId: `a-${legId}`, legId, event: "ACCEPTED", occurredAt: at })) }, { side: "post" });
  const clerk = await office.session("POST_CLERK"), page = await (await clerk.get("/post/rounds")).text();
  const postman = /<option value="([^"]+)"[^>]*>Trần Văn Lực/.exec(page)[1];
  const fields = new URLSearchParams([["csrf", /name="csrf" value="([^"]+)"/.exec(page)[1]], ["postman", postman], ...ids.map((id) => ["leg", id])]);
  const given = await fetch(`${office.url}/post/rounds/give`, { method: "POST", body: fields, redirect: "manual", headers: { Cookie: `giaonhan_session=${clerk.cookie}` } });
  assert.equal(given.status, 303, await given.text());
  return ids;
}
const pick = (page, words) => page.locator(`label:has(${words})`).click();
async function sign(page) {
  const canvas = page.locator("[data-sign] canvas");
  await canvas.evaluate((box) => box.scrollIntoView({ block: "center" }));
  const { x, y } = await canvas.boundingBox();
  await page.mouse.move(x + 20, y + 30);
  await page.mouse.down();
  await page.mouse.move(x + 120, y + 60, { steps: 8 });
  await page.mouse.up();
}
const ready = (page) => waitFor(page, "nothing is missing", () => document.getElementById("done").getAttribute("aria-disabled") === "false");

test("after two invitations two working days apart it goes back to the agency, by a handover of its own", async (t) => {
  const [leg] = await carried(1);
  const postman = await office.session("POSTMAN");
  const send = async (kind, ago, more = {}) => {
    const reply = await (await postman.send("/sync", { acts: [{ id: `act-${kind}-${ago}`, kind, at: local(workingDaysAgo(ago)), body: { leg, ...more }, files: [] }] })).json();
    return reply.results[0];
  };
  await send("ATTEMPT", 5, { cause: "NOT_CLAIMED", next: "KEEP" });
  assert.equal((await send("INVITATION", 5)).outcome, "TAKEN");
  const page = await open(t, browser, office, { role: "POSTMAN", size: PHONE });
  const look = async () => {
    await page.goto(`/post/delivery/${leg}`);
    await page.waitForSelector("html[data-ready]");
    await pick(page, '[name="res"][value="no"]');
    await page.locator("#why-NOT_CLAIMED").check();
    await page.locator("#next").selectOption("RETURN");
  };
  await look();
  await says(page.locator("#next-h"), /Mới mời 1 lần/);
  // Whoever asks all the same is refused, and told why.
  const early = await send("RETURN", 0, { cause: "NOT_CLAIMED" });
  assert.equal(early.outcome, "REFUSED");
  assert.match(early.problems[0].text, /còn thiếu 1 lần mời/);
  await send("INVITATION", 3);
  await look();
  await says(page.locator("#next-h"), /Đủ điều kiện chuyển hoàn/);
  await ready(page);
  await assertAccessible(page);
  await page.locator("#done").click();
  await page.locator("#saved").waitFor();
  await sent(page);
  assert.equal(await state(leg), "RETURNING");
  assert.equal((await office.call("GET", `/v1/legs/${leg}`, undefined, { side: "post" })).holder, "POST", "a return is on its way until the agency has signed");

  const clerk = await open(t, browser, office, { role: "POST_CLERK", size: PHONE });
  await clerk.goto("/handovers/new");
  await clerk.locator(`#l-${leg}`).waitFor();
  await Promise.all([clerk.waitForEvent("load"), clerk.locator(".bar .btn-main").click()]);
  const desk = await open(t, browser, office, { role: "DESK_CLERK" });
  await desk.goto(new URL(clerk.url()).pathname);
  await desk.locator("#line-1 [data-same]").click();
  for (const one of [desk, clerk]) {
    await waitFor(one, "the button is open", () => document.getElementById("sign-btn")?.getAttribute("aria-disabled") !== "true");
    await one.locator("#secret").fill(PIN);
    await Promise.all([one.waitForEvent("load"), one.locator("#sign-btn").click()]);
  }
  assert.equal(await state(leg), "RETURN_CONFIRMED");
});

test("a representative needs the letter; fee and postage are two kinds of money with two receipts", async (t) => {
  const clerk = await office.session("POST_CLERK"), dossierNo = office.papers.dossierNo();
  const taken = await clerk.form("/post/intake", {
    act: "act-note-0001", agency: "H32.15", procedure: "1.002815", name: "Cao Văn Tý", address: "24 Trần Quý Cáp", place: "counter", dossier: dossierNo,
    service: "BOTH", lane: "WITHIN_AREA", paper: "Đơn đề nghị", added: "yes", originals: "1", copies: "0", fee: "0", postage: "30.000", pay: "ON_RESULT", on_paper: "yes", pin: PIN,
  });
  assert.equal(taken.status, 303, await taken.text());
  const [leg] = await carried(1, [office.papers.line("RESULT", 1, { dossierNo })]);
  const page = await open(t, browser, office, { role: "POSTMAN", size: PHONE });
  await page.goto(`/post/delivery/${leg}`);
  await page.waitForSelector("html[data-ready]");
  await says(page.locator("#fee"), "165.000 ₫");
  await says(page.locator("#postage-part"), /30\.000 ₫[^]*phiếu gửi PG-650100-\d{6}/);
  await pick(page, '[name="recv"][value="REPRESENTATIVE"]');
  await page.locator("#rname").fill("Trần Văn Nhận");
  await says(page.locator("#auth-e"), /Chưa có giấy ủy quyền thì chưa giao/);
  await page.locator("#idk").selectOption({ index: 1 });
  await page.locator("#id4").fill("0001");
  for (const box of await page.locator("[data-paper]").all()) await box.check();
  for (const old of await page.locator("[data-old]").all()) await old.locator("label").first().click();
  await page.locator("#paid").check();
  await page.locator("#rc").fill("BL-26A 0007314");
  await page.locator("#carried").check();
  await page.locator("#prc").fill("BL-26A 0007314");
  await sign(page);
  await says(page.locator("#bar-t"), /giấy ủy quyền, số biên lai cước/);
  await page.locator("#auth1").check();
  await page.locator("#prc").fill("C-26 000900");
  await ready(page);
  await assertAccessible(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.locator("#done").click();
  await page.locator("#saved").waitFor();
  await sent(page);
  assert.equal(await state(leg), "CONFIRMED");
  const note = await (await clerk.get(taken.headers.get("location"))).text();
  assert.match(note, /C-26 000900/);
});
