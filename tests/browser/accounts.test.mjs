// Accounts: made by an administrator, first password forced to change, locked, given another role, signed out; too many tries.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { fill, launch, NARROW, open, PHONE, says, submit } from "./support/browser.mjs";
import { Office, PASSWORD, PIN } from "./support/office.mjs";

let browser, office;
before(async () => {
  browser = await launch();
  office = await Office.open({ manifests: false });
});
after(async () => { await browser?.close(); await office?.close(); });

// SHOTS=folder keeps pictures of the pages, to look at.
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }); };
const path = (page) => { const { pathname, search } = new URL(page.url()); return pathname + search; };
const sideways = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);
const press = (page, name) => Promise.all([page.waitForEvent("load"), page.getByRole("button", { name, exact: true }).click()]);
const signIn = async (page, username, password) => {
  await page.goto("/sign-in");
  await fill(page, { username, password });
  await submit(page);
};
/** What is wrong with a field: named, and told to a screen reader. */
async function wrong(page, field, words) {
  await says(page.locator(`#${field}-e`), words);
  assert.equal(await page.locator(`#${field}`).getAttribute("aria-invalid"), "true");
  assert.ok((await page.locator(`#${field}`).getAttribute("aria-describedby")).includes(`${field}-e`));
}

/** An account that its owner has signed in to, and their page. */
async function settled(t, role, options = {}) {
  const account = await office.newcomer(role);
  const page = await open(t, browser, office, options);
  await signIn(page, account.username, account.password);
  await fill(page, { old: account.password, new: PASSWORD, repeated: PASSWORD });
  await submit(page);
  await page.waitForURL("**/account?done=password");
  return { ...account, page };
}

async function accountPage(page, username) {
  await page.goto(`/accounts?q=${username}`);
  await Promise.all([page.waitForURL("**/accounts/person/*"), page.locator("tbody th a").click()]);
}

test("an account is made; its first password is shown once and must be changed", async (t) => {
  const admin = await open(t, browser, office, { role: "ADMINISTRATOR", statuses: [422] });
  await admin.goto("/accounts");
  await assertAccessible(admin);
  await admin.getByRole("link", { name: "Thêm tài khoản" }).click();
  await admin.waitForURL("**/accounts/new");
  await assertAccessible(admin);
  await fill(admin, { full_name: "Lê Văn Thử", username: "le thu" });
  await press(admin, "Tạo tài khoản");
  await wrong(admin, "role", /Chọn vai trò/);
  await admin.locator("#role").selectOption("POSTMAN");
  await press(admin, "Tạo tài khoản");
  await wrong(admin, "username", /3 đến 40 ký tự/);
  assert.equal(await admin.locator("#full_name").inputValue(), "Lê Văn Thử", "what was typed stays");
  await fill(admin, { username: "thu.le" });
  await press(admin, "Tạo tài khoản");
  await wrong(admin, "post_office", /cần một bưu cục/);
  assert.equal(await admin.locator("#role").inputValue(), "POSTMAN");
  await assertAccessible(admin);
  await admin.locator("#post_office").selectOption("650100");
  await press(admin, "Tạo tài khoản");
  const password = await admin.locator(".first-password").innerText();
  assert.match(password, /^[a-z2-9]{4}(-[a-z2-9]{4}){2}$/);
  await assertAccessible(admin);
  await shot(admin, "accounts-made");
  await admin.goto("/accounts?q=thu.le");
  await says(admin.locator("tbody"), /Chờ đổi mật khẩu/);
  assert.ok(!(await admin.content()).includes(password), "shown nowhere else");

  const postman = await open(t, browser, office, { size: PHONE });
  await signIn(postman, "thu.le", password);
  assert.equal(path(postman), "/account/password");
  await postman.goto("/post");
  assert.equal(path(postman), "/account/password", "nothing else before it is changed");
  await assertAccessible(postman);
  await fill(postman, { old: password, new: PASSWORD, repeated: PASSWORD });
  await submit(postman);
  await postman.waitForURL("**/account?done=password");
  await postman.goto("/");
  await postman.waitForURL("**/post");
});

test("a locked account is out at once, and comes back when it is opened", async (t) => {
  const { username, page } = await settled(t, "POSTMAN", { size: PHONE, statuses: [422] });
  const admin = await open(t, browser, office, { role: "ADMINISTRATOR" });
  await accountPage(admin, username);
  await press(admin, "Khóa tài khoản");
  await says(admin.getByRole("status"), /Đã khóa/);
  await assertAccessible(admin);
  await page.goto("/account");
  assert.ok(path(page).startsWith("/sign-in"));
  await signIn(page, username, PASSWORD);
  await says(page.locator("#username-e"), /đang khóa/);
  await press(admin, "Mở lại tài khoản");
  await says(admin.getByRole("status"), /Đã mở lại/);
  await signIn(page, username, PASSWORD);
  await page.waitForURL("**/post");
  const own = await office.account("ADMINISTRATOR");
  await accountPage(admin, own.username);
  assert.equal(await admin.getByRole("button", { name: "Khóa tài khoản" }).getAttribute("aria-disabled"), "true");
});

test("a changed role ends what was begun under the old one", async (t) => {
  const { username, page } = await settled(t, "POST_CLERK");
  await page.goto("/post");
  const admin = await open(t, browser, office, { role: "ADMINISTRATOR", statuses: [422] });
  await accountPage(admin, username);
  assert.equal(await admin.locator("#post_office").inputValue(), "650100", "as it is now");
  await admin.locator("#role").selectOption("DESK_CLERK");
  await press(admin, "Đổi vai trò");
  await wrong(admin, "agency", /cần một cơ quan/);
  assert.equal(await admin.locator("#role").inputValue(), "DESK_CLERK", "what was chosen stays");
  await assertAccessible(admin);
  await admin.locator("#post_office").selectOption("");
  await admin.locator("#agency").selectOption("H32.15");
  await press(admin, "Đổi vai trò");
  await says(admin.getByRole("status"), /Đã đổi vai trò/);
  await says(admin.locator(".head"), /Cán bộ một cửa/);
  await shot(admin, "accounts-role");
  await page.goto("/post");
  assert.ok(path(page).startsWith("/sign-in"));
  await signIn(page, username, PASSWORD);
  await page.waitForURL("**/desk");
});

test("sessions are ended everywhere, and the record tells who did it", async (t) => {
  const { username, page } = await settled(t, "OVERSIGHT");
  await page.goto("/oversight");
  const admin = await open(t, browser, office, { role: "ADMINISTRATOR", size: PHONE, lang: "en", dark: true });
  await accountPage(admin, username);
  await assertAccessible(admin);
  await press(admin, "Sign out everywhere");
  await says(admin.getByRole("status"), /Signed out everywhere/);
  await page.goto("/oversight");
  assert.ok(path(page).startsWith("/sign-in"));
  const own = await office.account("ADMINISTRATOR");
  await accountPage(admin, own.username);
  await says(admin.locator("tbody"), /Signed out everywhere/);
  await shot(admin, "accounts-phone");
  for (const address of ["/accounts", "/accounts/new", "/accounts/directory", path(admin)]) {
    await admin.goto(address);
    await assertAccessible(admin);
    await admin.setViewportSize(NARROW);
    assert.equal(await sideways(admin), 0, `${address} moves sideways`);
    await admin.setViewportSize(PHONE);
  }
});

test("a reset password takes the PIN with it", async (t) => {
  const { username, page } = await settled(t, "POST_CLERK");
  await page.goto("/account");
  await fill(page, { pin: PIN, password: PASSWORD });
  await submit(page);
  const admin = await open(t, browser, office, { role: "ADMINISTRATOR" });
  await accountPage(admin, username);
  await press(admin, "Đặt lại mật khẩu");
  const password = await admin.locator(".first-password").innerText();
  await page.goto("/account");
  assert.ok(path(page).startsWith("/sign-in"), "signed out");
  await signIn(page, username, password);
  assert.equal(path(page), "/account/password");
});

// The last one: it makes this machine wait.
test("too many failed tries make the account wait, and then the whole address; the page says for how long", async (t) => {
  const { username } = await office.account("POST_CLERK");
  const page = await open(t, browser, office, { size: PHONE, statuses: [422] });
  for (const left of [4, 3, 2, 1, 0]) {
    await signIn(page, username, "not this one");
    await says(page.locator("#password-e"), new RegExp(`Còn ${left} lần thử`));
  }
  await signIn(page, username, PASSWORD);
  await says(page.locator("#password-e"), /Hãy đợi 15 phút/);
  await assertAccessible(page);
  await shot(page, "accounts-wait");
  const { username: other } = await office.newcomer("OVERSIGHT");
  for (let name = 0; ; name += 1) {
    assert.ok(name < 100, "an address that tries name after name waits too");
    await signIn(page, `nobody-${name}`, "not this one");
    if (/Hãy đợi 15 phút/.test(await page.locator("#password-e").innerText())) break;
  }
  await signIn(page, other, PASSWORD);
  await says(page.locator("#password-e"), /Hãy đợi 15 phút/);
  assert.equal(await page.locator("#username").inputValue(), other, "the name stays");
});
