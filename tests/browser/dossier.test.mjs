// Search and the dossier page: found by any number, told at a glance, personal data only on request and on record.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says } from "./support/browser.mjs";
import { Office } from "./support/office.mjs";

let browser, office, intake, result, legs;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
  const acceptedAt = new Date(Date.now() - 3_600_000).toISOString();
  intake = await office.manifest("INTAKE", [office.papers.line("INTAKE", 1, { acceptedAt })]);
  const leg = intake.receipt.lines[0].legId;
  await handOver("POST", "AGENCY", leg);
  const { dossierNo } = intake.manifest.lines[0];
  result = await office.manifest("RESULT", [office.papers.line("RESULT", 1, { dossierNo })]);
  legs = [leg, result.receipt.lines[0].legId];
  await handOver("AGENCY", "POST", legs[1]);
  const fact = { factId: "f1", legId: legs[1], event: "ATTEMPT_FAILED", cause: "ABSENT", attempt: 1, occurredAt: new Date().toISOString() };
  const { facts } = await office.call("POST", "/v1/facts", { facts: [fact] }, { side: "post" });
  if (facts[0].outcome === "REJECTED") throw new Error(JSON.stringify(facts));
});
after(async () => { await browser?.close(); await office?.close(); });

async function handOver(from, to, legId) {
  const side = (name) => ({ side: name.toLowerCase() });
  const opened = await office.call("POST", "/v1/handovers", { from, to, legIds: [legId] }, side(from));
  const id = opened.id ?? opened.handoverId;
  const { originals, copies } = opened.lines[0].expected;
  const counted = await office.call("PATCH", `/v1/handovers/${id}`, { lines: [{ lineNo: 1, outcome: "TAKEN", originals, copies }] }, side(to));
  for (const name of [from, to]) {
    await office.call("POST", `/v1/handovers/${id}/signatures`, { side: name, signer: { name: name === "POST" ? "Trần Văn Lực" : "Lê Hoàng Yến" }, digest: counted.digest }, side(name));
  }
}

const sideways = (page) => page.evaluate("document.documentElement.scrollWidth > innerWidth");
const path = (page) => new URL(page.url()).pathname + new URL(page.url()).search;

test("an item number leads straight to the dossier, its own number lists both legs", async (t) => {
  const page = await open(t, browser, office, { role: "POST_CLERK" });
  await page.goto("/dossiers");
  await page.locator("#q").fill(result.manifest.lines[0].itemNumber.toLowerCase());
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/dossiers/${legs[1]}`);
  await page.goto("/dossiers");
  await page.locator("#q").fill(intake.manifest.lines[0].dossierNo.replaceAll("-", " "));
  await page.keyboard.press("Enter");
  await page.locator("#h-found").waitFor();
  assert.equal(await page.locator("tbody tr").count(), 2);
  await assertAccessible(page);
  await page.goto("/dossiers?q=ABC-000");
  await says(page.getByRole("status"), /Không tìm thấy “ABC-000”.*số hiệu bưu gửi.*Bưu cục/s);
});

test("a phone number stays in no address", async (t) => {
  const page = await open(t, browser, office, { role: "DESK_CLERK", size: PHONE, statuses: [422] });
  const { phone } = result.manifest.lines[0].party;
  await page.goto(`/dossiers?q=${phone}`);
  assert.equal(path(page), "/dossiers?ask=phone");
  assert.ok(!(await page.content()).includes(phone));
  await page.locator("#phone").fill("0912");
  await page.keyboard.press("Enter");
  await page.locator("#phone-e").waitFor();
  await assertAccessible(page);
  await page.locator("#phone").fill(phone);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/dossiers/${legs[1]}`);
});

for (const [role, size, lang, dark] of [["POST_CLERK", DESK, "vi", false], ["POSTMAN", PHONE, "vi", true], ["OVERSIGHT", NARROW, "en", false]]) {
  test(`the story at a glance for ${role}, ${size.width} px, ${lang}`, async (t) => {
    const page = await open(t, browser, office, { role, size, lang, dark });
    await page.goto(`/dossiers/${legs[0]}?verify=1`);
    await says(page.locator("#h-now"), lang === "vi" ? /Bưu điện đang giữ/ : /The post holds it/);
    assert.equal(await page.locator(".ribbon li").count(), 5, "citizen, post, agency, post, and who is still to reach");
    assert.equal(await page.locator(".sigpair").count(), 2);
    await says(page.locator("#rail > li").first().locator("h3"), lang === "vi" ? "Phát chưa được (lần 1): vắng nhà" : "Delivery attempt failed (attempt 1): nobody there");
    await says(page.locator("#proof"), lang === "vi" ? /Khớp\./ : /It holds\./);
    const text = await page.content();
    for (const { manifest } of [intake, result]) assert.ok(!text.includes(manifest.lines[0].party.name) && !text.includes(manifest.lines[0].party.phone));
    assert.equal(await page.locator("form[action$='/look']").count(), role === "OVERSIGHT" ? 0 : 1);
    if (role === "OVERSIGHT") assert.ok(!text.includes("*******"), "not even masked");
    assert.equal(await sideways(page), false);
    await assertAccessible(page);
  });
}

test("a look shows names and phone, and says that it is recorded", async (t) => {
  const page = await open(t, browser, office, { role: "POST_SUPERVISOR", size: PHONE });
  await page.goto(`/dossiers/${legs[1]}`);
  const { name, phone } = result.manifest.lines[0].party;
  await page.getByText(`*******${phone.slice(-3)}`).waitFor();
  await page.getByRole("button", { name: /Xem tên/ }).click();
  await page.getByText("Lần xem này đã được ghi lại").waitFor();
  await page.getByText(name).first().waitFor();
  await page.getByText(`+84${phone.slice(1)}`).waitFor();
  await assertAccessible(page);
  await page.getByRole("link", { name: "Che lại" }).click();
  await page.getByText(`*******${phone.slice(-3)}`).waitFor();
  assert.ok(!(await page.content()).includes(name));
});

test("filters of the rail hide and bring back, without touching the order", async (t) => {
  const page = await open(t, browser, office, { role: "POST_CLERK" });
  await page.goto(`/dossiers/${legs[1]}`);
  const pill = page.locator('[data-show="sig"]');
  await pill.click();
  assert.equal(await pill.getAttribute("aria-pressed"), "false");
  assert.equal(await page.locator(".sigpair:visible").count(), 0);
  await pill.click();
  assert.equal(await page.locator(".sigpair:visible").count(), 2);
});

test("nobody of another office finds it, by search or by address", async () => {
  const caller = await office.session("ADMINISTRATOR");
  assert.equal((await caller.get(`/dossiers/${legs[1]}`)).status, 403);
  const clerk = await office.session("POST_CLERK");
  assert.equal((await clerk.get("/dossiers/leg_00000000000000000000000000")).status, 404);
  assert.equal((await clerk.get(`/evidence/${"a".repeat(64)}?leg=${legs[1]}`)).status, 404);
  const oversight = await office.session("OVERSIGHT");
  assert.equal((await oversight.get(`/evidence/${"a".repeat(64)}?leg=${legs[1]}`)).status, 403);
  assert.equal((await oversight.form("/dossiers/phone", { phone: "0900000001" })).status, 403);
  assert.equal((await oversight.form(`/dossiers/${legs[1]}/look`)).status, 403);
});
