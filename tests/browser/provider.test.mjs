// Sign-in with the account of a provider: a real OpenID provider on this machine, which people pass in the browser.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import Provider from "oidc-provider";
import { assertAccessible } from "./support/axe.mjs";
import { fill, launch, open, room, says } from "./support/browser.mjs";
import { Caller, Office } from "./support/office.mjs";

let browser, office, issuer, server, tamper, hold;
const requests = [];

/** A provider whose page takes any name as the subject. `tamper` changes what it answers. */
async function startProvider() {
  server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  issuer = `http://127.0.0.1:${server.address().port}`;
}

function serveProvider(callback) {
  const provider = new Provider(issuer, {
    clients: [{ client_id: "giaonhan", client_secret: "secret of the test", redirect_uris: [callback], grant_types: ["authorization_code"], response_types: ["code"] }],
    cookies: { keys: [randomBytes(16).toString("hex")] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  });
  const handle = provider.callback();
  server.on("request", (request, reply) => {
    requests.push(`${request.method} ${request.url.split("?")[0]}`);
    if (tamper?.(request, reply)) return;
    if (request.url === "/held") return reply.setHeader("Content-Type", "text/html").end('<!doctype html><title>Held</title><link rel="icon" href="data:,">');
    const set = reply.setHeader.bind(reply);
    reply.setHeader = (name, value) => {
      if (!hold || name.toLowerCase() !== "location" || !value.startsWith(callback)) return set(name, value);
      hold(value);
      hold = undefined;
      return set(name, `${issuer}/held`);
    };
    if (request.url.startsWith("/interaction/")) interact(provider, request, reply); else handle(request, reply);
  });
}

/** Its page: whoever sends it is who they say. */
async function interact(provider, request, reply) {
  if (request.url.endsWith("/cancel")) {
    return provider.interactionFinished(request, reply, { error: "access_denied", error_description: "End-User aborted interaction" });
  }
  if (request.method === "GET") {
    reply.setHeader("Content-Type", "text/html; charset=utf-8");
    return reply.end(`<!doctype html><title>Provider</title><link rel="icon" href="data:,"><form method="post"><label>Name <input name="login"></label><button>Continue</button></form><a href="${request.url}/cancel">Cancel</a>`);
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const accountId = new URLSearchParams(Buffer.concat(chunks).toString()).get("login");
  const grant = new provider.Grant({ accountId, clientId: "giaonhan" });
  grant.addOIDCScope("openid");
  return provider.interactionFinished(request, reply, { login: { accountId }, consent: { grantId: await grant.save() } });
}

before(async () => {
  await startProvider();
  const config = (url) => {
    serveProvider(`${url}/sign-in/provider/callback`);
    return `public_url = "${url}"\nprovider_issuer = "${issuer}"\nprovider_name = "Tài khoản công vụ"\nprovider_client_id = "giaonhan"\nprovider_client_secret = "secret of the test"\n`;
  };
  browser = await launch();
  office = await Office.open({ manifests: false, config });
});
after(async () => { await browser?.close(); await office?.close(); server?.close(); server?.closeAllConnections(); });

/** Passes the page of the provider as somebody. */
async function pass(page, subject) {
  await page.waitForURL(`${issuer}/interaction/**`);
  await fill(page, { login: subject });
  await page.keyboard.press("Enter");
}
const start = async (page) => {
  await page.goto("/sign-in?next=%2Faccount");
  await page.getByRole("link", { name: "Tài khoản công vụ" }).click();
};
const bind = (username, subject) => office.cli("user", "bind", username, "--provider", issuer, "--subject", subject);
/** The address that the provider leads back to next, which the browser does not get to see. */
const heldBack = () => new Promise((done) => { hold = done; });
const ours = async (context) => (await context.cookies(`${office.url}/sign-in/provider`)).filter(({ name }) => name.startsWith("giaonhan_"));
const cookies = async (context) => (await ours(context)).map(({ name, value }) => `${name}=${value}`).join("; ");
const comeBack = (url, cookie) => fetch(url, { redirect: "manual", headers: { Cookie: cookie } });

test("a bound account opens, without its first password having been changed, and goes where it was going", async (t) => {
  const made = await office.newcomer("POST_CLERK");
  await bind(made.username, "person-1");
  const context = await room(t, browser, office);
  const page = await context.newPage();
  await start(page);
  await pass(page, "person-1");
  await page.waitForURL(`${office.url}/account`);
  await says(page.locator("h1"), /Nguyễn Thị Hạnh/);
  assert.deepEqual((await ours(context)).map((one) => one.name), ["giaonhan_session"], "what was remembered for the way is gone");
  assert.ok(requests.includes("POST /token"));
  assert.ok(!office.log().includes("person-1"), "the log names no subject");
});

test("somebody who is not bound is told what to give to the administrator, and then comes in", async (t) => {
  const made = await office.newcomer("DESK_CLERK");
  const page = await open(t, browser, office, { statuses: [403] });
  await start(page);
  await pass(page, "person-2");
  await page.locator("[data-subject]").waitFor();
  await says(page.locator("[data-subject]"), "person-2");
  await says(page.locator("[data-issuer]"), issuer);
  assert.ok(!page.url().includes("person-2"));
  await assertAccessible(page);
  await bind(made.username, await page.locator("[data-subject]").innerText());
  await start(page);
  await page.waitForURL(`${office.url}/account`);
  await office.cli("user", "lock", made.username);
  await page.goto("/account");
  await page.getByRole("link", { name: "Tài khoản công vụ" }).click();
  await page.getByRole("heading", { name: "Tài khoản đang khóa" }).waitFor();
});

test("the answer of a sign-in is good once, in the browser that began it, and only with its own state", async (t) => {
  const made = await office.newcomer("POSTMAN");
  await bind(made.username, "person-3");
  const context = await room(t, browser, office, { statuses: [403] });
  const page = await context.newPage();
  const held = heldBack();
  await start(page);
  await pass(page, "person-3");
  const url = await held, cookie = await cookies(context);
  assert.match(cookie, /^giaonhan_provider=/);
  assert.equal((await comeBack(url, "")).status, 403, "another browser");
  const other = new URL(url);
  other.searchParams.set("state", "another");
  assert.equal((await comeBack(other, cookie)).status, 403, "another state");
  assert.equal((await comeBack(url, `${cookie.slice(0, -2)}AA`)).status, 403, "a changed cookie");
  const foreign = new URL(url);
  foreign.searchParams.set("iss", "https://elsewhere.example");
  assert.equal((await comeBack(foreign, cookie)).status, 403, "another issuer");
  const good = await comeBack(url, cookie);
  assert.deepEqual([good.status, good.headers.get("location")], [303, "/account"]);
  const again = await comeBack(url, cookie);
  assert.equal(again.status, 403, "a second time");
  assert.match(await again.text(), /không còn dùng được/);
});

test("a token that was made for another sign-in is refused: its nonce is not ours", async (t) => {
  const made = await office.newcomer("POSTMAN");
  await bind(made.username, "person-4");
  const context = await room(t, browser, office);
  const page = await context.newPage();
  const held = heldBack();
  const there = await fetch(`${office.url}/sign-in/provider?next=%2Faccount`, { redirect: "manual" });
  const cookie = there.headers.getSetCookie()[0].split(";")[0];
  const url = new URL(there.headers.get("location"));
  assert.equal(url.searchParams.get("code_challenge_method"), "S256");
  assert.equal(url.searchParams.get("scope"), "openid");
  // As if a token of another sign-in were put in: the provider is asked with another nonce than ours.
  url.searchParams.set("nonce", "of-another-sign-in");
  await page.goto(url.href);
  await pass(page, "person-4");
  const reply = await comeBack(await held, cookie);
  assert.equal(reply.status, 403);
  assert.match(await reply.text(), /không kiểm chứng được/);
  assert.equal(reply.headers.getSetCookie().some((set) => set.startsWith("giaonhan_session=")), false);
  assert.match(office.log(), /nonce/i);
});

test("whoever cancels at the provider is told so", async (t) => {
  const page = await open(t, browser, office, { statuses: [403] });
  await start(page);
  await page.waitForURL(`${issuer}/interaction/**`);
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByText("Bạn đã hủy").waitFor();
  await page.getByRole("link", { name: "Về trang đăng nhập" }).click();
  await page.waitForURL("**/sign-in");
});

test("a provider that is down or broken is said so in words, and the password still opens", async (t) => {
  const made = await office.newcomer("OVERSIGHT");
  await bind(made.username, "person-5");
  const context = await room(t, browser, office, { statuses: [503] });
  const page = await context.newPage();
  const held = heldBack();
  await start(page);
  await pass(page, "person-5");
  const url = await held, cookie = await cookies(context);
  // The browser has its page of the provider before that breaks.
  await page.waitForURL("**/held");
  for (const broken of [
    (_, reply) => { reply.writeHead(500).end("out of order"); return true; },
    (request) => { request.socket.destroy(); return true; },
    (request, reply) => request.url === "/.well-known/openid-configuration" && Boolean(reply.writeHead(200, { "Content-Type": "application/json" }).end('{"issuer":"https://elsewhere.example"}')),
  ]) {
    tamper = broken;
    const reply = await comeBack(url, cookie);
    assert.equal(reply.status, 503);
    assert.match(await reply.text(), /Không liên lạc được với nơi cấp tài khoản/);
  }
  await page.goto("/sign-in?next=%2Faccount");
  await fill(page, { username: made.username, password: made.password });
  await page.keyboard.press("Enter");
  await page.waitForURL((to) => to.pathname === "/account" || to.pathname === "/account/password");
  tamper = undefined;
  assert.equal((await comeBack(url, cookie)).status, 303, "the way is still good once the provider is back");
});

test("an answer that says nothing, or too much, signs nobody in", async () => {
  const caller = new Caller(office.url);
  for (const query of ["", "?code=x", "?state=x&code=y", `?error=${encodeURIComponent("<b>x</b>")}`, `?state=&code=${"x".repeat(2000)}`]) {
    const reply = await caller.get(`/sign-in/provider/callback${query}`);
    assert.equal(reply.status, 403, query);
    assert.ok(!(await reply.text()).includes("<b>x"));
    assert.equal(caller.cookie, "");
  }
});
