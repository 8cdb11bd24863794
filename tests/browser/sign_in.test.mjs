// Signing in, and every way in which it does not work.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./support/axe.mjs";
import { fill, launch, open, PHONE } from "./support/browser.mjs";
import { Office, PASSWORD } from "./support/office.mjs";

let browser, office;
before(async () => { [browser, office] = await Promise.all([launch(), Office.open({ manifests: false })]); });
after(async () => { await browser?.close(); await office?.close(); });

const path = (page) => new URL(page.url()).pathname + new URL(page.url()).search;

test("a wrong password names the field, keeps the name, and says how many tries are left", async (t) => {
  const { username } = await office.account("POST_CLERK");
  const page = await open(t, browser, office, { size: PHONE, statuses: [422] });
  await page.goto("/sign-in");
  await fill(page, { username, password: "not this one" });
  await page.keyboard.press("Enter");
  const error = page.locator("#password-e");
  await error.waitFor();
  assert.match(await error.innerText(), /Sai tên đăng nhập hoặc mật khẩu. Còn 4 lần thử/);
  assert.equal(await page.locator("#username").inputValue(), username);
  assert.equal(await page.locator("#password").inputValue(), "", "a password is never sent back");
  assert.equal(await page.locator("#password").getAttribute("aria-invalid"), "true");
  assert.equal(await page.locator("#password").getAttribute("aria-describedby"), "password-e");
  await assertAccessible(page);
});
