// One handover on two screens: counted here, seen there, signed by both, printed.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { launch, NARROW, open, PHONE, room, says, waitFor } from "./support/browser.mjs";
import { Office, PIN } from "./support/office.mjs";

let browser, office;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
});
after(async () => { await browser?.close(); await office?.close(); });

const SEEN_MS = 2_000;                                               // the promise to the other side, and some for a busy machine
// SHOTS=folder keeps pictures of the pages, to look at.
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const fits = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no page scrolls sideways");

/** The desk gives the results of one manifest; the page of the handover. */
async function give(page, { manifest }) {
  await page.goto("/desk/results");
  for (const bundle of await page.locator("fieldset.pick").all()) {
    if (!(await bundle.innerText()).includes(manifest.manifestNo)) await bundle.locator("[data-toggle]").click();
  }
  await says(page.locator("[data-picked]").first(), new RegExp(`(?:Giao|Give) ${manifest.lines.length} `));
  await Promise.all([page.waitForURL("**/handovers/ho_*"), page.getByRole("button", { name: /Mở biên bản giao|Open the handover/ }).click()]);
  return new URL(page.url()).pathname;
}
async function draw(page) {
  await page.locator("[data-sign] canvas").scrollIntoViewIfNeeded();
  const box = await page.locator("[data-sign] canvas").boundingBox();
  const steps = [[0.1, 0.5], [0.3, 0.2], [0.5, 0.7], [0.8, 0.4]].map(([x, y]) => [box.x + box.width * x, box.y + box.height * y]);
  await page.mouse.move(...steps[0]);
  await page.mouse.down();
  for (const at of steps.slice(1)) await page.mouse.move(...at, { steps: 4 });
  await page.mouse.up();
  assert.equal(await page.locator("[data-sign]").getAttribute("data-inked"), "yes");
}
async function sign(page) {
  await page.locator("#secret").fill(PIN);
  await waitFor(page, "the button is open", () => document.getElementById("sign-btn")?.getAttribute("aria-disabled") !== "true");
  await Promise.all([page.waitForEvent("load"), page.locator("#sign-btn").click()]);
}
const saved = (page) => waitFor(page, "counts are kept", () => !/Đang lưu|Saving/.test(document.getElementById("bar-t").textContent) && document.getElementById("sign-btn").getAttribute("aria-disabled") === "false");

/** The words of a paper without blanks, which differ by layout; null where the program was built without papers and says so. */
async function printed(t, page, path, name) {
  const reply = await page.request.get(path);
  if (reply.status() === 422) {
    assert.match(await reply.text(), /không có phần in PDF/);
    t.diagnostic("built without papers: their words are not looked at");
    return null;
  }
  assert.equal(reply.headers()["content-type"], "application/pdf");
  const folder = await mkdtemp(join(tmpdir(), "giaonhan-pdf."));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(process.env.SHOTS ?? folder, `${name}.pdf`);
  await writeFile(file, await reply.body());
  return execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).replace(/\s+/g, "");
}

test("two screens: a difference on a line, seen by both, signed by both, printed with every number", async (t) => {
  const sent = await office.manifest("RESULT", 3), { manifest } = sent;
  const desk = await open(t, browser, office, { role: "DESK_CLERK" });
  const path = await give(desk, sent);
  const post = await open(t, browser, office, { role: "POST_CLERK" });
  await post.goto("/handovers");
  await shot(post, "list");
  await Promise.all([post.waitForURL(`**${path}`), post.locator(`a[href="${path}"]`).click()]);
  await says(post.locator("#bar-t").first(), /Còn 3 hồ sơ chưa đếm/);
  await shot(post, "receiver-start");
  await assertAccessible(post);

  await post.locator("#line-1 [data-same]").click();
  await post.locator("#line-2 [data-same]").click();
  // One original and two copies are declared; only one copy is there.
  await post.locator('#line-3 [data-count="o"]').fill("1");
  await post.locator('#line-3 [data-count="c"]').fill("1");
  await says(post.locator('tr[data-more="3"]').first(), /Lệch: thiếu 1 bản sao/);
  assert.equal(await post.locator('tr[data-more="3"] input[value="take"]').isDisabled(), true);
  await says(post.locator("#sign-words").first(), /Ký nhận 2, không nhận 1/);
  await saved(post);
  await shot(post, "receiver-counted");
  await assertAccessible(post);

  const began = Date.now();
  await waitFor(desk, "the giver sees it", () => document.getElementById("line-3").dataset.line === "bad");
  const took = Date.now() - began;
  t.diagnostic(`the other side saw it after ${took} ms`);
  assert.ok(took < 2 * SEEN_MS, "changes show without a reload");
  await says(desk.locator('tr[data-more="3"]').first(), /Lệch số bản: thiếu 1 bản sao/);
  await says(desk.locator("#sign-words").first(), /Ký giao 2, mang về 1/);
  await shot(desk, "giver-sees");
  await assertAccessible(desk);

  // The giver signs; then the receiver counts again, and the signature lapses.
  await draw(desk);
  await sign(desk);
  await says(desk.locator("#bar-t").first(), /Bạn đã ký/);
  await waitFor(post, "the receiver sees the signature", () => document.getElementById("handover").dataset.giverSigned === "yes");
  await post.locator('tr[data-more="3"] [data-note]').fill("Túi thiếu một bản sao căn cước");
  await waitFor(desk, "the giver is told that it lapsed", () => /hết hiệu lực/.test(document.getElementById("top").textContent));
  assert.equal(await desk.locator("#secret").count(), 1, "and may sign again");
  await draw(desk);
  await sign(desk);

  await saved(post);
  await draw(post);
  await sign(post);
  await says(post.locator("#top").first(), /Hai bên đã ký. Đã chuyển người giữ 2 hồ sơ/);
  assert.equal(await post.locator(".signed img").count(), 2, "both drawings are shown");
  await waitFor(post, "the drawings load", () => [...document.querySelectorAll(".signed img")].every((img) => img.complete && img.naturalWidth > 0));
  await shot(post, "completed");
  await waitFor(desk, "the giver sees the end", () => /Hai bên đã ký/.test(document.getElementById("top").textContent));
  await assertAccessible(desk);
  const legs = await office.call("GET", `/v1/legs?dossierNo=${manifest.lines[0].dossierNo}`);
  assert.equal(legs.items[0].holder, "POST");

  const record = await printed(t, desk, `${path}/record.pdf`, "record");
  if (record === null) return;
  for (const line of manifest.lines) assert.ok(record.includes(line.dossierNo), `${line.dossierNo} stands on the record`);
  for (const name of ["LêHoàngYến", "NguyễnThịHạnh", manifest.lines[0].party.name.replaceAll(" ", "")]) assert.ok(record.includes(name), `${name} stands on it`);
  const leg = legs.items[0].id;
  const note = await printed(t, post, `/papers/consignment/${leg}.pdf`, "note");
  assert.ok(note.includes(manifest.lines[0].dossierNo) && note.includes("PHIẾUGỬI"), "the consignment note names the dossier");
  const label = await printed(t, post, `/papers/labels.pdf?leg=${leg}`, "label");
  assert.ok(label.includes(manifest.lines[0].itemNumber.slice(-4)), "the label bears the item number");
});

test("on a phone: agreed rows fold, a wrong PIN is named and the drawing stays", async (t) => {
  const sent = await office.manifest("RESULT", 2);
  const path = await give(await open(t, browser, office, { role: "DESK_CLERK" }), sent);
  const post = await open(t, browser, office, { role: "POST_CLERK", size: PHONE, statuses: [422] });
  await post.goto(path);
  await fits(post);
  await shot(post, "phone-start");
  await post.locator("#line-1 [data-same]").click();
  assert.equal(await post.locator("#line-1 .g-recv").first().isVisible(), false, "an agreed row folds");
  await post.locator("#line-1 [data-again]").click();
  assert.equal(await post.locator("#line-1 .g-recv").first().isVisible(), true, "and opens to be counted again");
  await post.locator("#line-2 [data-issue]").click();
  await post.locator('tr[data-more="2"] input[value="take"]').check({ force: true });
  await post.locator('#line-2 [data-count="o"]').fill("1");
  await post.locator('#line-2 [data-count="c"]').fill("2");
  await says(post.locator("#bar-t").first(), /Còn 1/, "taken with a note needs the note");
  await post.locator('tr[data-more="2"] [data-note]').fill("Niêm phong rách một góc, giấy tờ đủ");
  await saved(post);
  await says(post.locator("#sign-words").first(), /Ký nhận 2$/);
  await fits(post);
  await assertAccessible(post);
  await draw(post);
  await post.locator("#secret").fill("000001");
  await Promise.all([post.waitForEvent("load"), post.locator("#sign-btn").click()]);
  await says(post.locator("#secret-e").first(), /chưa đúng. Còn 4 lần thử/);
  assert.equal(await post.locator("[data-sign]").getAttribute("data-inked"), "yes", "what was drawn is still there");
  await says(post.locator("#line-2").first(), /Nhận đủ/);
  assert.equal(await post.locator('tr[data-more="2"] [data-note]').inputValue(), "Niêm phong rách hoặc mất: Niêm phong rách một góc, giấy tờ đủ");
  assert.equal(await post.locator('tr[data-more="2"] input[value="take"]').isChecked(), true);
  await shot(post, "phone-wrong-pin");
  await sign(post);
  await says(post.locator("#bar-t").first(), /Bạn đã ký/);
  await post.setViewportSize(NARROW);
  await fits(post);
});

test("by keyboard alone, in English, in the dark: count, refuse with a reason, sign with the PIN", async (t) => {
  const sent = await office.manifest("RESULT", 1);
  const path = await give(await open(t, browser, office, { role: "DESK_CLERK" }), sent);
  const post = await open(t, browser, office, { role: "POST_SUPERVISOR", lang: "en", dark: true });
  await post.goto(path);
  await post.locator("#line-1 [data-issue]").focus();
  await post.keyboard.press("Enter");
  assert.equal(await post.evaluate(() => document.activeElement.id), "why-1", "the focus goes to the reason");
  await post.keyboard.press("ArrowDown");
  await saved(post);
  await says(post.locator("#sign-words").first(), /Sign: take 0, refuse 1/);
  await post.locator("#secret").focus();
  await post.keyboard.type(PIN);
  await shot(post, "english-dark");
  await assertAccessible(post);
  await Promise.all([post.waitForEvent("load"), post.keyboard.press("Control+Enter")]);
  await says(post.locator("#bar-t").first(), /You have signed/);
});

test("a handover that is given up frees its dossiers; a completed one is corrected by another", async (t) => {
  const sent = await office.manifest("RESULT", 2);
  const desk = await open(t, browser, office, { role: "DESK_CLERK", statuses: [422] });
  await give(desk, sent);
  await desk.locator("summary", { hasText: "Bỏ biên bản này" }).click();
  await Promise.all([desk.waitForEvent("load"), desk.getByRole("button", { name: "Bỏ biên bản" }).click()]);
  await says(desk.locator("#reason-e").first(), /Ghi lý do/);
  await desk.locator("#reason").fill("Bưu tá chưa đến");
  await Promise.all([desk.waitForEvent("load"), desk.getByRole("button", { name: "Bỏ biên bản" }).click()]);
  await says(desk.locator("#top").first(), /đã bỏ/);

  const path = await give(desk, sent);
  const post = await open(t, browser, office, { role: "POST_CLERK" });
  await post.goto(path);
  for (const no of [1, 2]) await post.locator(`#line-${no} [data-same]`).click();
  await saved(post);
  await sign(post);
  await waitFor(desk, "all counted", () => document.getElementById("handover").dataset.receiverSigned === "yes");
  await sign(desk);
  await desk.locator("summary", { hasText: "Lập biên bản đính chính" }).click();
  await desk.locator('input[name="line"]').first().check();
  await desk.locator("#reason").fill("Nhận nhầm hồ sơ của phường khác");
  await shot(desk, "correct");
  await Promise.all([desk.waitForURL((url) => url.pathname !== path), desk.getByRole("button", { name: "Mở biên bản đính chính" }).click()]);
  await says(desk.locator("#top").first(), /Đính chính/);
  assert.equal(await desk.locator("tr.line").count(), 1);
});

test("the desk's pages: what comes, what goes, what comes back, what differs", async (t) => {
  const context = await room(t, browser, office, { role: "AGENCY_SUPERVISOR", statuses: [422] });
  const page = await context.newPage();
  for (const path of ["/desk", "/desk/results", "/desk/returns", "/desk/discrepancies", "/handovers", "/handovers/new"]) {
    await page.goto(path);
    await assertAccessible(page);
    await shot(page, path.slice(1).replaceAll("/", "-"));
    await page.setViewportSize(PHONE);
    await fits(page);
    await shot(page, `${path.slice(1).replaceAll("/", "-")}-phone`);
    await page.setViewportSize({ width: 1366, height: 768 });
  }
  await page.goto("/desk/discrepancies");
  const first = page.locator("section.panel").first();
  await first.locator("summary").click();
  await Promise.all([page.waitForEvent("load"), first.getByRole("button", { name: "Ghi kết luận" }).click()]);
  await says(page.locator("#reason-e").first(), /Ghi lý do/);
  await page.locator('details[open] input[name="reason"]').fill("Bưu cục đã giao bù");
  await Promise.all([page.waitForEvent("load"), page.locator("details[open]").getByRole("button", { name: "Ghi kết luận" }).click()]);
  await says(page.locator(".note-ok").first(), /Đã xử lý/);
});
