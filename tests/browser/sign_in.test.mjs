// Signing in, and every way in which it does not work.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { fill, launch, NARROW, open, PHONE, room, says, submit } from "./support/browser.mjs";
import { Caller, Office, PASSWORD, ROLES } from "./support/office.mjs";

let browser, office;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
});
after(async () => { await browser?.close(); await office?.close(); });

const path = (page) => { const { pathname, search } = new URL(page.url()); return pathname + search; };
const enter = async (page, username, password) => {
  await fill(page, { username, password });
  await submit(page);
};

test("a wrong password names the field, keeps the name, and says how many tries are left", async (t) => {
  const { username } = await office.newcomer("POST_CLERK");
  const page = await open(t, browser, office, { size: PHONE, statuses: [422] });
  await page.goto("/sign-in?next=%2Faccount");
  await enter(page, username, "not this one");
  const error = page.locator("#password-e");
  await says(error, /Sai tên đăng nhập hoặc mật khẩu\. Còn 4 lần thử/);
  assert.equal(await page.locator("#username").inputValue(), username);
  assert.equal(await page.locator("#password").inputValue(), "", "a password is never sent back");
  assert.equal(await page.locator("#password").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#password").getAttribute("aria-describedby"), "password-e");
  assert.equal(await page.locator("[name=next]").first().inputValue(), "/account", "where to go then is kept");
  await assertAccessible(page);
  await enter(page, "nobody-of-this-name", "not this one");
  await says(error, /Sai tên đăng nhập hoặc mật khẩu\. Còn 4 lần thử/, "a name that nobody has answers alike");
  await page.locator("#password").focus();
  await submit(page);
  await says(error, /Nhập mật khẩu/);
});

test("five wrong passwords make the account wait, even for the right one", async (t) => {
  const { username, password } = await office.newcomer("POST_CLERK");
  const page = await open(t, browser, office, { statuses: [422], lang: "en" });
  await page.goto("/sign-in");
  for (const left of [4, 3, 2, 1, 0]) {
    await enter(page, username, "not this one");
    await says(page.locator("#password-e"), new RegExp(`${left} of 5 tries left`));
  }
  await enter(page, username, password);
  await says(page.locator("#password-e"), /Too many failed tries. Wait 15 minutes/);
  assert.equal(path(page), "/sign-in");
});

test("a locked account is signed out at once and told whom to call", async (t) => {
  const { username, password } = await office.newcomer("POSTMAN");
  const page = await open(t, browser, office, { statuses: [422] });
  await page.goto("/sign-in");
  await enter(page, username, password);
  await page.waitForURL("**/account/password");
  await office.cli("user", "lock", username);
  await page.goto("/account/password");
  assert.equal(path(page), "/sign-in?next=%2Faccount%2Fpassword");
  await enter(page, username, password);
  await says(page.locator("#username-e"), /Tài khoản đang khóa/);
});

test("the first password must be changed before anything else, and says what is wrong with the new one", async (t) => {
  const { username, password } = await office.newcomer("DESK_CLERK");
  const page = await open(t, browser, office, { size: PHONE, statuses: [422] });
  await page.goto("/sign-in");
  await enter(page, username, password);
  await page.waitForURL("**/account/password");
  await says(page.locator("main"), /Lần đầu đăng nhập/);
  await page.goto("/desk");
  assert.equal(path(page), "/account/password");
  await assertAccessible(page);
  const change = async (old, fresh, repeated) => { await fill(page, { old, new: fresh, repeated }); await submit(page); };
  for (const [old, fresh, repeated, field, words] of [
    ["wrong", PASSWORD, PASSWORD, "old", /hiện tại chưa đúng/],
    [password, PASSWORD, "something else", "repeated", /chưa giống nhau/],
    [password, "short", "short", "new", /ít nhất \d+ ký tự/],
    [password, password, password, "new", /phải khác mật khẩu cũ/],
    [password, `my name is ${username}`, `my name is ${username}`, "new", /không chứa tên đăng nhập/],
  ]) {
    await change(old, fresh, repeated);
    await says(page.locator(`#${field}-e`), words);
    assert.equal(await page.locator(`#${field}`).getAttribute("aria-invalid"), "true");
    assert.ok((await page.locator(`#${field}`).getAttribute("aria-describedby")).includes(`${field}-e`));
  }
  await change(password, PASSWORD, PASSWORD);
  await page.waitForURL("**/account?done=password");
  await says(page.getByRole("status"), /Đã đổi mật khẩu/);
});

test("a changed password ends the sessions of other devices", async (t) => {
  const { username, password } = await office.newcomer("OVERSIGHT");
  const [here, there] = await Promise.all([open(t, browser, office), open(t, browser, office, { size: PHONE })]);
  for (const page of [here, there]) {
    await page.goto("/sign-in");
    await enter(page, username, password);
    await page.waitForURL("**/account/password");
  }
  await fill(here, { old: password, new: PASSWORD, repeated: PASSWORD });
  await here.keyboard.press("Enter");
  await here.waitForURL("**/account?done=password");
  await there.goto("/account");
  assert.equal(path(there), "/sign-in?next=%2Faccount");
});

test("signing out ends the session, on the server too", async (t) => {
  const context = await room(t, browser, office, { role: "POST_CLERK" });
  const page = await context.newPage();
  await page.goto("/account");
  const cookie = (await context.cookies()).find((one) => one.name === "giaonhan_session");
  assert.ok(cookie.httpOnly && cookie.sameSite === "Lax");
  await page.locator("summary.who").click();
  await page.getByRole("button", { name: "Đăng xuất" }).click();
  await page.waitForURL("**/sign-in");
  assert.equal((await context.cookies()).find((one) => one.name === "giaonhan_session"), undefined);
  const old = new Caller(office.url);
  old.cookie = cookie.value;
  assert.equal((await old.get("/account")).headers.get("location"), "/sign-in?next=%2Faccount");
});

test("a session that ends in the middle leads to sign-in and back to the page", async (t) => {
  const context = await room(t, browser, office, { role: "POST_SUPERVISOR" });
  const { username, password } = await office.account("POST_SUPERVISOR");
  const [page, other] = [await context.newPage(), await context.newPage()];
  await page.goto("/account");
  await other.goto("/account");
  await other.locator("summary.who").click();
  await other.getByRole("button", { name: "Đăng xuất" }).click();
  await other.waitForURL("**/sign-in");
  await page.getByRole("link", { name: "Đổi mật khẩu" }).click();
  await page.waitForURL("**/sign-in?next=%2Faccount%2Fpassword");
  await enter(page, username, password);
  await page.waitForURL("**/account/password");
});

test("a form without the token of its session changes nothing, nor does one of another site", async () => {
  const caller = await office.session("POST_CLERK");
  const post = (fields, headers = {}) => fetch(`${office.url}/account/pin`, {
    method: "POST", redirect: "manual", body: new URLSearchParams(fields), headers: { Cookie: `giaonhan_session=${caller.cookie}`, ...headers },
  });
  const fields = { pin: "314159", password: PASSWORD };
  const csrf = /<meta name="csrf" content="([^"]+)">/.exec(await (await caller.get("/account")).text())[1];
  const another = /<meta name="csrf" content="([^"]+)">/.exec(await (await (await office.session("POST_CLERK")).get("/account")).text())[1];
  assert.notEqual(csrf, another);
  assert.equal((await post(fields)).status, 403);
  assert.equal((await post({ ...fields, csrf: "" })).status, 403);
  assert.equal((await post({ ...fields, csrf: another })).status, 403, "the token of another session");
  assert.equal((await post({ ...fields, csrf }, { Origin: "https://elsewhere.example" })).status, 403);
  assert.equal((await post({ ...fields, csrf }, { "Sec-Fetch-Site": "cross-site" })).status, 403);
  const refused = await post(fields);
  assert.match(await refused.text(), /Trang đã cũ/);
  assert.equal((await post({ ...fields, csrf })).status, 303, "with it, it counts");
  const sign = await fetch(`${office.url}/sign-in`, { method: "POST", body: new URLSearchParams({ username: "x", password: "y" }), headers: { Origin: "https://elsewhere.example" } });
  assert.equal(sign.status, 403, "another site cannot sign somebody in");
});

test("the language is switched before and after sign-in, and stays", async (t) => {
  const page = await open(t, browser, office);
  await page.goto("/sign-in?next=%2Faccount");
  assert.equal(await page.locator("html").getAttribute("lang"), "vi");
  const button = page.getByRole("button", { name: "English" });
  assert.equal(await button.getAttribute("lang"), "en");
  await button.click();
  await page.getByRole("heading", { name: "Giao Nhận" }).waitFor();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  const { username, password } = await office.account("DESK_CLERK");
  await enter(page, username, password);
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  await page.goto("/account");
  await says(page.locator(".who"), /One-stop clerk/);
  await page.locator("summary.who").click();
  await page.getByRole("button", { name: "Tiếng Việt" }).click();
  await page.waitForURL("**/account");
  await says(page.locator(".who"), /Cán bộ một cửa/);
});

test("each role begins on its own page", async () => {
  const homes = { POST_CLERK: "/post", POSTMAN: "/post", POST_SUPERVISOR: "/post", DESK_CLERK: "/desk", AGENCY_SUPERVISOR: "/desk", OVERSIGHT: "/oversight", ADMINISTRATOR: "/accounts" };
  for (const role of ROLES) {
    const reply = await (await office.session(role)).get("/");
    assert.deepEqual([role, reply.status, reply.headers.get("location")], [role, 303, homes[role]]);
  }
  assert.equal((await fetch(office.url, { redirect: "manual" })).headers.get("location"), "/sign-in?next=%2F");
});

test("nobody is led to another site after signing in", async () => {
  const { username, password } = await office.account("POST_CLERK");
  for (const next of ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"]) {
    const reply = await new Caller(office.url).form("/sign-in", { username, password, next });
    assert.equal(reply.headers.get("location"), "/", next);
  }
});

test("everything works by keyboard alone, on the narrowest screen", async (t) => {
  const { username, password } = await office.account("POST_CLERK");
  const page = await open(t, browser, office, { size: NARROW });
  await page.goto("/sign-in?next=%2Faccount");
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.textContent.trim());
  const tab = async () => { await page.keyboard.press("Tab"); return focused(); };
  assert.equal(await tab(), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await tab(), "username");
  await page.keyboard.type(username);
  assert.equal(await tab(), "password");
  await page.keyboard.type(password);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  assert.equal(await page.locator("#password").getAttribute("type"), "text", "the password is shown on request");
  assert.equal(await page.locator("[data-reveal]").getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/account");
  await page.locator("summary.who").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Đăng xuất" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Đăng xuất" }).waitFor({ state: "hidden" });
  assert.equal(await focused(), "who", "the focus goes back to what opened the menu");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Đăng xuất" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/sign-in");
});

test("a page that is not theirs says so and leads on; a page that does not exist too", async (t) => {
  const page = await open(t, browser, office, { role: "ADMINISTRATOR", statuses: [403, 404] });
  const csrf = await (await page.goto("/account")).text();
  assert.ok(csrf.includes('name="csrf"'));
  const reply = await page.goto("/no-such-page");
  assert.equal(reply.status(), 404);
  await page.getByRole("link", { name: "Về trang đầu" }).waitFor();
  await assertAccessible(page);
});
