// The work list: filtered, taken in hand, settled by one or by two people; a message mended and sent again; a code given a meaning.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { DESK, launch, NARROW, open, PHONE, says } from "./support/browser.mjs";
import { Caller, Office, PASSWORD, until } from "./support/office.mjs";

let browser, office, operator;
before(async () => {
  browser = await launch();
  operator = await startOperator();
  office = await Office.open({ manifests: false, config: settings(operator.url) });
});
after(async () => { await browser?.close(); await office?.close(); operator?.close(); });

/** An operator of the post (HCC Online) that takes orders to Lê Lợi alone, and knows of none afterwards. */
async function startOperator() {
  const server = createServer(async (request, reply) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url.split("?")[0];
    const body = path.endsWith("/postDieuTin") ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    const answer = path.endsWith("/postDieuTin")
      ? (body.DiaChiNguoiNhan ?? "").includes("Lê Lợi") ? { Status: true } : { Status: false, Message: "Sai địa chỉ người nhận" }
      : path.endsWith("/getAcceptance") ? { TotalRecord: 0, Acceptances: [] } : { TotalRecord: 0, Deliverys: [] };
    reply.setHeader("Content-Type", "application/json").end(JSON.stringify(answer));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

const settings = (url) => `
[outbox]
poll_ms = 50
[[counterparts]]
name = "hcc"
kind = "hcc"
agencies = ["H32.15"]
base_url = "${url}"
customer_code = "T000SIM001"
token = "of the test"
contact = { name = "Một cửa", phone = "02583000000", address = "1 Trần Phú", province_code = "65" }
`;

// SHOTS=folder keeps pictures of the pages, to look at.
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const path = (page) => { const { pathname, search } = new URL(page.url()); return pathname + search; };
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const there = (line, text) => ({ ...line, party: { ...line.party, address: { ...line.party.address, text } } });
const press = (page, name) => Promise.all([page.waitForEvent("load"), page.getByRole("button", { name, exact: true }).click()]);
const cases = (page) => page.locator(".cases .case");
/** The case of a kind on the list. */
const listed = (page, text) => cases(page).filter({ hasText: text }).first();

/** Results that the operator takes, or refuses; their legs. */
async function results(count, address = "3 Lê Lợi, phường Nha Trang", at = office) {
  const lines = Array.from({ length: count }, (_, n) => there(at.papers.line("RESULT", n + 1), address));
  const { manifest, receipt } = await at.manifest("RESULT", lines);
  return receipt.lines.map(({ legId }, n) => ({ legId, number: manifest.lines[n].dossierNo }));
}
const report = (facts, at = office) => at.call("POST", "/v1/facts", { facts }, { side: "post" });
const state = async (legId) => (await office.call("GET", `/v1/legs/${legId}`)).state;

/** A leg whose reports contradict each other; its case. */
async function conflict(n, at = office) {
  const [leg] = await results(1, undefined, at);
  await report([
    { factId: `returned-${n}`, legId: leg.legId, event: "RETURNED", occurredAt: ago(9) },
    { factId: `failed-${n}`, legId: leg.legId, event: "COLLECTION_FAILED", occurredAt: ago(8) },
  ], at);
  const { items } = await at.call("GET", `/v1/discrepancies?legId=${leg.legId}&state=OPEN`);
  const { id } = items.find((one) => one.kind === "STATE_CONFLICT");
  return { ...leg, id, path: `/exceptions/discrepancy/${id}` };
}

test("a case is found, taken in hand, and accepted by two people in two browsers", async (t) => {
  const one = await conflict(1);
  const first = await open(t, browser, office, { role: "POST_SUPERVISOR", statuses: [422] });
  const second = await open(t, browser, office, { role: "AGENCY_SUPERVISOR", size: PHONE, statuses: [422] });

  await first.goto("/exceptions");
  const row = first.locator(`a[href="${one.path}"]`);
  await row.waitFor();
  await assertAccessible(first);
  await shot(first, "exceptions-list");
  await first.getByRole("link", { name: /^Giữ quá lâu/ }).click();
  assert.equal(new URL(first.url()).searchParams.get("sort"), "CUSTODY");
  assert.equal(await row.count(), 0, "another sort");
  await first.getByRole("link", { name: /^Sai lệch/ }).click();
  await first.getByRole("link", { name: "Nhẹ" }).click();
  assert.equal(await row.count(), 0, "another grade");
  await first.getByRole("link", { name: "Nặng" }).click();
  await row.waitFor();
  await first.goto("/exceptions?whose=mine");
  assert.equal(await row.count(), 0, "not taken in hand yet");

  await first.goto(one.path);
  await assertAccessible(first);
  const proofs = first.locator(".proofs");
  await says(proofs, /Hồ sơ .*post-test, bưu điện, \d\d:\d\d/s);
  assert.equal(await proofs.locator(`a[href="/dossiers/${one.legId}"]`).count(), 1);
  await press(first, "Nhận việc này");
  await says(first.getByRole("status"), /Bạn đã nhận việc này/);
  await first.goto("/exceptions?whose=mine");
  await says(row, /Phạm Quốc Định/, "its owner by name");

  // Without a reason nothing is proposed; what was chosen stays.
  await first.goto(one.path);
  await first.getByRole("radio", { name: /Chấp nhận lệch/ }).check();
  await press(first, "Ghi cách xử lý");
  await says(first.locator("#note-e"), /Ghi lý do/);
  assert.equal(await first.locator("#note").getAttribute("aria-invalid"), "true");
  assert.ok((await first.locator("#note").getAttribute("aria-describedby")).includes("note-e"));
  assert.ok(await first.getByRole("radio", { name: /Chấp nhận lệch/ }).isChecked(), "what was chosen stays");
  await assertAccessible(first);
  await first.locator("#note").fill("Gõ vội");
  await press(first, "Ghi cách xử lý");
  await says(first.getByRole("status"), /Đã gửi đề nghị/);
  assert.equal(await first.getByRole("button", { name: "Duyệt, đóng việc" }).count(), 0, "nobody approves their own");
  await assertAccessible(first);
  await shot(first, "exceptions-proposed");

  // Taken back, and proposed anew.
  await press(first, "Rút đề nghị");
  await says(first.getByRole("status"), /Đã rút đề nghị/);
  await second.goto(one.path);
  assert.equal(await second.getByRole("button", { name: "Duyệt, đóng việc" }).count(), 0, "a withdrawn one waits for nobody");
  await first.getByRole("radio", { name: /Chấp nhận lệch/ }).check();
  await first.locator("#note").fill("Bưu tá xác nhận quét nhầm");
  await press(first, "Ghi cách xử lý");

  // The second person, on a phone.
  await second.goto("/exceptions?whose=second");
  await second.locator(`a[href="${one.path}"]`).click();
  await second.waitForURL(`**${one.path}`);
  await says(second.locator(".note", { hasText: "đề nghị chấp nhận lệch" }), /Phạm Quốc Định.*Bưu tá xác nhận quét nhầm/s);
  assert.equal(await second.getByRole("button", { name: "Rút đề nghị" }).count(), 0);
  await assertAccessible(second);
  await shot(second, "exceptions-second-phone");
  assert.equal(await sideways(second), 0);
  await press(second, "Không duyệt");
  await says(second.locator("#decision_note-e"), /Ghi vì sao không duyệt/);
  await press(second, "Duyệt, đóng việc");
  assert.equal(path(second), "/exceptions?done=accepted");
  await says(second.getByRole("status"), /Đã duyệt/);
  assert.equal(await second.locator(`a[href="${one.path}"]`).count(), 0);

  await first.goto(one.path);
  const story = await first.locator("main").innerText();
  for (const words of ["Đã xử lý", "Nhận xử lý", "Rút đề nghị chấp nhận lệch", "Duyệt chấp nhận lệch", "Đỗ Thị Mai", "Phạm Quốc Định"]) {
    assert.ok(story.includes(words), `${words} in ${story}`);
  }
  await assertAccessible(first);
});

test("a discrepancy is resolved with a reason, and what changed meanwhile is said", async (t) => {
  const one = await conflict(2);
  const first = await open(t, browser, office, { role: "POST_SUPERVISOR", statuses: [422], lang: "en", dark: true });
  const other = await open(t, browser, office, { role: "AGENCY_SUPERVISOR", statuses: [422] });
  await first.goto(one.path);
  await other.goto(one.path);
  await first.locator("#note").fill("Scanned the wrong item");
  await press(first, "Record it");
  assert.equal(path(first), "/exceptions?done=resolved");
  await other.locator("#note").fill("Tôi cũng đang xem");
  await press(other, "Ghi cách xử lý");
  await says(other.getByRole("alert"), /đã được xử lý trong lúc bạn đang xem/);
  await assertAccessible(other);
});

test("a parked order is mended and replayed, and goes out", async (t) => {
  const [mended, again] = await results(2, "12 Trần Phú, phường Nha Trang");
  const page = await open(t, browser, office, { role: "POST_SUPERVISOR", statuses: [422] });
  const parked = async () => {
    await page.goto("/exceptions?sort=MESSAGE");
    return (await cases(page).count()) === 2;
  };
  await until("both orders are parked", parked);
  await says(cases(page).first(), /Yêu cầu gửi bưu chính bị treo/);
  await shot(page, "exceptions-parked");
  await page.locator(".case", { hasText: mended.number.split("-").at(-1) }).first().click();
  await page.locator("h1").waitFor();
  const address = path(page);
  await says(page.locator("main"), /Sai địa chỉ người nhận/, "why it stopped");
  assert.ok(!(await page.locator("main").innerText()).includes("12 Trần Phú"), "no address of a citizen");
  await assertAccessible(page);

  await page.getByRole("radio", { name: "Sửa rồi gửi lại" }).check();
  await page.locator("#body").fill("{\"address\": ");
  await page.locator("#reason").fill("Khách báo địa chỉ đúng");
  await press(page, "Gửi lại");
  await says(page.locator("#body-e"), /dòng 1, cột/);
  assert.equal(await page.locator("#body").inputValue(), "{\"address\": ", "what was typed stays");
  assert.equal(await page.locator("#reason").inputValue(), "Khách báo địa chỉ đúng");
  assert.ok(await page.getByRole("radio", { name: "Sửa rồi gửi lại" }).isChecked());
  await assertAccessible(page);
  await page.locator("#body").fill("{\"address\": \"3 Lê Lợi, phường Nha Trang\"}");
  await press(page, "Gửi lại");
  await says(page.getByRole("status"), /xếp hàng gửi lại/);
  await until("the order went out", async () => (await state(mended.legId)) === "ORDERED");
  await page.goto(address);
  await says(page.locator("main"), /Đã xử lý.*Sửa và gửi lại.*Phạm Quốc Định/s);
  await shot(page, "exceptions-mended");

  // As it was, it is refused again and comes back.
  await page.goto("/exceptions?sort=MESSAGE");
  await page.locator(".case", { hasText: again.number.split("-").at(-1) }).first().click();
  await page.locator("#reason").fill("Thử lại xem");
  await press(page, "Gửi lại");
  await until("it is back", async () => { await page.goto("/exceptions?sort=MESSAGE"); return (await cases(page).count()) === 1; });
  await cases(page).first().click();
  await page.locator("h1").waitFor();
  await says(page.locator("main"), /Gửi lại.*Thử lại xem/s);
});

test("an unknown status code is given a meaning by two administrators, without a release", async (t) => {
  const [leg] = await results(1);
  await report([{ factId: "raw-1", legId: leg.legId, raw: { family: "P4", code: "777", text: "Đã nhận gửi" }, occurredAt: ago(5) }]);
  const supervisor = await open(t, browser, office, { role: "POST_SUPERVISOR", size: PHONE });
  await supervisor.goto("/exceptions?sort=CODE");
  await listed(supervisor, "P4:777").click();
  await supervisor.getByText("Quản trị viên gán nghĩa cho mã.").waitFor();
  await assertAccessible(supervisor);

  const { session } = await office.another("ADMINISTRATOR");
  const first = await open(t, browser, office, { role: "ADMINISTRATOR", statuses: [422] });
  const second = await open(t, browser, office, { role: "ADMINISTRATOR", session, size: PHONE });
  await first.goto("/exceptions?sort=CODE");
  await listed(first, "P4:777").click();
  await first.locator("#event").waitFor();
  await first.locator("#reason").fill("Công văn 12 của bưu điện");
  await press(first, "Đề nghị nghĩa");
  await says(first.locator("#event-e"), /Chọn nghĩa/);
  assert.equal(await first.locator("#reason").inputValue(), "Công văn 12 của bưu điện");
  await assertAccessible(first);
  await first.locator("#event").selectOption("ACCEPTED");
  await press(first, "Đề nghị nghĩa");
  await first.getByRole("link", { name: /Các đề nghị về mã này/ }).click();
  await first.waitForURL("**/exceptions/rules");
  assert.equal(await first.getByRole("button", { name: "Duyệt", exact: true }).count(), 0, "nobody approves their own");
  await assertAccessible(first);
  await press(first, "Rút đề nghị");
  await says(first.getByRole("status"), /Đã rút/);
  await first.goto("/exceptions?sort=CODE");
  await listed(first, "P4:777").click();
  await first.locator("#event").selectOption("ACCEPTED");
  await first.locator("#reason").fill("Công văn 12 của bưu điện");
  await press(first, "Đề nghị nghĩa");

  await second.goto("/exceptions/rules");
  await assertAccessible(second);
  assert.equal(await sideways(second), 0);
  await shot(second, "rules-phone");
  await press(second, "Duyệt");
  await says(second.getByRole("status"), /Đã đọc lại tin cũ của 1 hồ sơ/);
  assert.equal(await state(leg.legId), "ACCEPTED", "the old report counts, with its true time");
  await report([{ factId: "raw-2", legId: (await results(1))[0].legId, raw: { family: "P4", code: "777", text: "Đã nhận gửi" }, occurredAt: ago(1) }]);
  await supervisor.goto("/exceptions?sort=CODE");
  assert.equal(await cases(supervisor).count(), 0, "a new report is read at once");
});

test("list, case and rules work on the narrowest phone, in both languages, light and dark", async (t) => {
  const one = await conflict(3);
  for (const [lang, dark] of [["vi", true], ["en", false]]) {
    const page = await open(t, browser, office, { role: "ADMINISTRATOR", size: PHONE, lang, dark });
    for (const address of ["/exceptions", one.path, "/exceptions/rules"]) {
      await page.goto(address);
      await assertAccessible(page);
      await shot(page, `exceptions-${lang}-${dark ? "dark" : "light"}${address.replaceAll("/", "-")}`);
      await page.setViewportSize(NARROW);
      assert.equal(await sideways(page), 0, `${address} moves sideways`);
      await page.setViewportSize(PHONE);
    }
  }
  const page = await open(t, browser, office, { role: "POST_SUPERVISOR", size: DESK });
  await page.goto(one.path);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip", "by keyboard from the top");
});

test("the accounts of the demo are enough for every act of two people", async (t) => {
  const demo = await Office.open({ played: 30 });
  t.after(() => demo.close());
  const as = async (username) => {
    const caller = new Caller(demo.url);
    assert.equal((await caller.form("/sign-in", { username, password: PASSWORD })).status, 303, username);
    return caller;
  };
  const [post, desk, admin, second] = await Promise.all(["phu-trach-buu-cuc", "phu-trach-mot-cua", "quan-tri", "quan-tri-2"].map(as));
  const stands = async (id) => (await demo.call("GET", `/v1/discrepancies/${id}`)).state;
  for (const [n, [first, other]] of [[post, desk], [post, admin], [desk, post], [desk, admin], [admin, second]].entries()) {
    const one = await conflict(`demo-${n}`, demo);
    const proposed = await first.form(`${one.path}/settle`, { how: "ACCEPTED", note: "Quét nhầm" });
    assert.equal(proposed.status, 303, await proposed.text());
    assert.equal((await first.form(`${one.path}/decide`, { verdict: "approve" })).status, 422, "nobody approves their own");
    assert.equal(await stands(one.id), "OPEN");
    assert.equal((await other.form(`${one.path}/decide`, { verdict: "approve" })).status, 303);
    assert.equal(await stands(one.id), "RESOLVED");
  }
  const [leg] = await results(1, undefined, demo);
  await report([{ factId: "raw-demo", legId: leg.legId, raw: { family: "P4", code: "778", text: "Lạ" }, occurredAt: ago(5) }], demo);
  const code = `/exceptions/code/${Buffer.from("P4:778").toString("hex")}`;
  assert.equal((await admin.form(`${code}/rule`, { event: "ACCEPTED", reason: "Công văn 12" })).status, 303);
  const rule = /\/exceptions\/rules\/([^/"]+)\/withdraw/.exec((await (await admin.get("/exceptions/rules")).text()).replaceAll("&#x2f;", "/"))[1];
  assert.equal((await admin.form(`/exceptions/rules/${rule}/verdict`, { verdict: "approve" })).status, 422);
  assert.equal((await second.form(`/exceptions/rules/${rule}/verdict`, { verdict: "approve" })).status, 303);
  assert.equal((await demo.call("GET", `/v1/legs/${leg.legId}`)).state, "ACCEPTED");
});
