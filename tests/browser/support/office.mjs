// The built program on a fresh store, with offices, accounts, keys and manifests; gone when `close` returns.
//
//   const office = await Office.open();                       // SQLite; { postgres: true } for PostgreSQL
//   office.url, office.agencyKey, office.postKey
//   await office.account("POST_CLERK")                        // made when it is first asked for: { username, password, pin }
//   await office.session("POST_CLERK")                        // a signed-in caller: get(path), form(path, fields), send(path, …)
//   await office.another("POST_CLERK")                        // one more account of a role, with its session, for four eyes
//   await office.manifest("RESULT", 3)                        // posted over /v1; its body and its receipt
//   await office.cli("user", "lock", "…")                     // the command line on the same store

import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Papers } from "./papers.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BINARY = process.env.GIAONHAN_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/giaonhan");
const DIRECTORY = join(ROOT, "src/cli/demo/directory.toml");
const BOUND_MS = 30_000;
const run = promisify(execFile);

/** Who works where. Nobody of them exists. */
export const PEOPLE = {
  POST_CLERK: { username: "hanh.nguyen", name: "Nguyễn Thị Hạnh", title: "Giao dịch viên", office: "650100" },
  POSTMAN: { username: "luc.tran", name: "Trần Văn Lực", title: "Bưu tá tuyến 03", office: "650100" },
  POST_SUPERVISOR: { username: "dinh.pham", name: "Phạm Quốc Định", title: "Trưởng bưu cục", office: "650100" },
  DESK_CLERK: { username: "yen.le", name: "Lê Hoàng Yến", title: "Chuyên viên", agency: "H32.15" },
  AGENCY_SUPERVISOR: { username: "mai.do", name: "Đỗ Thị Mai", title: "Trưởng bộ phận một cửa", agency: "H32.15" },
  OVERSIGHT: { username: "khang.vo", name: "Võ Minh Khang", title: "Chuyên viên" },
  ADMINISTRATOR: { username: "dung.bui", name: "Bùi Anh Dũng", title: "Quản trị hệ thống" },
};
export const ROLES = Object.keys(PEOPLE);
export const PASSWORD = "ho so di dung tay";
export const PIN = "246135";

/** A port that was free a moment ago: the address must be known before the start, where settings name it. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Waits until `read` gives something that is true; says `what` did not come. */
export async function until(what, read, boundMs = BOUND_MS) {
  for (const end = Date.now() + boundMs; ; await new Promise((done) => setTimeout(done, 25))) {
    const value = await read();
    if (value) return value;
    if (Date.now() > end) throw new Error(`did not come within ${boundMs} ms: ${what}`);
  }
}

/** Whether a test may ask for PostgreSQL; says what is left out where it may not. */
export function hasPostgres() {
  if (process.env.GIAONHAN_TEST_PG_URL) return true;
  console.error("GIAONHAN_TEST_PG_URL is not set: bodies on PostgreSQL are LEFT OUT. tests/run runs them too.");
  return false;
}

export class Office {
  #folder; #store; #process; #log = ""; #ended; #accounts = new Map(); #schema;
  papers = new Papers();

  /**
   * `config` is more of the settings: TOML, or what makes it of the address. `manifests: false` begins with empty books, and
   * `played: 60` with those of a day of the demo with so many dossiers (SQLite alone).
   */
  static async open({ postgres = false, config = "", manifests = true, played = 0 } = {}) {
    const office = new Office();
    try {
      await office.#prepare(postgres, played);
      await office.#start(config);
      if (manifests && !played) {
        await office.manifest("RESULT", 3);
        await office.manifest("INTAKE", 2);
      }
      return office;
    } catch (error) {
      console.error(office.log());
      await office.close();
      throw error;
    }
  }

  async #prepare(postgres, played) {
    this.#folder = await mkdtemp(join(tmpdir(), "giaonhan-office."));
    this.#store = postgres ? ["--database-url", await this.#makeSchema()] : ["--data", this.#folder];
    if (played) await this.cli("demo", "--once", "--seed", "1", "--dossiers", String(played));
    await this.cli("directory", "load", DIRECTORY);
    const key = async (side) => (await this.cli("key", "create", "--counterpart", `${side}-test`, "--side", side, "--agency", "*", "--scope", "read,write,ops")).key;
    this.agencyKey = await key("agency");
    this.postKey = await key("post");
  }

  async #makeSchema() {
    const cluster = process.env.GIAONHAN_TEST_PG_URL;
    this.#schema = `b_${process.pid}_${randomUUID().slice(0, 8)}`;
    await run("psql", ["-q", cluster, "-c", `CREATE SCHEMA ${this.#schema}`]);
    return `${cluster}${cluster.includes("?") ? "&" : "?"}options=-csearch_path%3D${this.#schema}`;
  }

  async #start(config) {
    this.url = `http://127.0.0.1:${await freePort()}`;
    const file = join(this.#folder, "giaonhan.toml");
    const more = typeof config === "function" ? config(this.url) : config;
    await writeFile(file, `[http]\nworkers = 2\n[store]\npool_size = 4\n[pages]\nprovince_name = "Tỉnh Khánh Hòa"\n${more}`);
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIAONHAN__")));
    this.#process = spawn(BINARY, ["serve", "--json", "--config", file, "--listen", this.url.slice(7), ...this.#store], { cwd: this.#folder, env, stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = new Promise((done) => {
      this.#process.once("exit", (code, signal) => done(code ?? signal));
      this.#process.once("error", (error) => { this.#log += `${error}\n`; done(error.code); });
    });
    createInterface({ input: this.#process.stderr }).on("line", (line) => { this.#log += `${line}\n`; });
    const lines = createInterface({ input: this.#process.stdout });
    const listening = new Promise((done) => lines.once("line", done));
    const ended = this.#ended.then((why) => { throw new Error(`serve ended: ${why}`); });
    await Promise.race([listening, ended]);
    ended.catch(() => {});
    await until("ready", async () => (await fetch(`${this.url}/health/ready`)).ok);
  }

  /** What the server wrote to its log. */
  log() { return this.#log; }

  /** A command on the same store; what `--json` prints, as one object, or a list where it prints none or several. */
  async cli(...args) {
    const { stdout } = await run(BINARY, [...args, "--json", ...this.#store], { cwd: this.#folder, maxBuffer: 64 * 1024 * 1024 });
    const all = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
    return all.length === 1 ? all[0] : all;
  }

  /** Makes an account: its first password is still to be changed. */
  async newcomer(role, username = `${PEOPLE[role].username}-${randomUUID().slice(0, 6)}`) {
    const { name, title, office, agency } = PEOPLE[role];
    const place = office ? ["--post-office", office] : agency ? ["--agency", agency] : [];
    const made = await this.cli("user", "add", username, "--name", name, "--title", title, "--role", role.toLowerCase().replace("_", "-"), ...place);
    return { ...made, name, role };
  }

  /** The account of a role, with password and PIN of its own. */
  account(role) {
    if (!this.#accounts.has(role)) this.#accounts.set(role, this.#settle(role));
    return this.#accounts.get(role);
  }

  /** One more account of a role, beside that of `account`, and a caller who is signed in as it. */
  async another(role) {
    const account = await this.#settle(role, `${PEOPLE[role].username}-2`);
    return { ...account, session: await this.#signedIn(account.username, account.password) };
  }

  async #settle(role, username = PEOPLE[role].username) {
    const made = await this.newcomer(role, username);
    const caller = await this.#signedIn(made.username, made.password);
    for (const [path, fields] of [["/account/password", { old: made.password, new: PASSWORD, repeated: PASSWORD }], ["/account/pin", { pin: PIN, password: PASSWORD }]]) {
      const reply = await caller.form(path, fields);
      if (reply.status !== 303) throw new Error(`${made.username}: ${path}: ${reply.status} ${await reply.text()}`);
    }
    return { ...made, password: PASSWORD, pin: PIN };
  }

  /** A caller who is signed in as this role, by a session of its own. */
  async session(role) {
    const { username, password } = await this.account(role);
    return this.#signedIn(username, password);
  }

  async #signedIn(username, password) {
    const caller = new Caller(this.url);
    const reply = await caller.form("/sign-in", { username, password });
    if (!caller.cookie) throw new Error(`${username} could not sign in: ${reply.status} ${await reply.text()}`);
    return caller;
  }

  /** A call of the contract, by the agency or the post. */
  async call(method, path, body, { side = "agency", headers = {} } = {}) {
    const key = side === "post" ? this.postKey : this.agencyKey;
    const reply = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, "Idempotency-Key": randomUUID(), ...(body && { "Content-Type": "application/json" }), ...headers },
      body: body && JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** Posts a manifest: results come from the agency, intakes from the post. */
  async manifest(kind, lines, more = {}) {
    const manifest = this.papers.manifest(kind, lines, more);
    const receipt = await this.call("POST", "/v1/manifests", manifest, { side: kind === "INTAKE" ? "post" : "agency" });
    return { manifest, receipt };
  }

  /** Ends the server, by a signal that it obeys, and takes the store away. */
  async close() {
    if (this.#process?.pid && this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGTERM");
      const hard = setTimeout(() => this.#process.kill("SIGKILL"), BOUND_MS);
      await this.#ended;
      clearTimeout(hard);
    }
    if (this.#schema) await run("psql", ["-q", process.env.GIAONHAN_TEST_PG_URL, "-c", `SET client_min_messages = warning; DROP SCHEMA ${this.#schema} CASCADE`]);
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A browser's calls without a browser: one session, the token of its forms. */
export class Caller {
  cookie = ""; csrf = "";
  constructor(url) { this.url = url; }

  async #fetch(path, init = {}) {
    const reply = await fetch(this.url + path, { redirect: "manual", ...init, headers: { ...init.headers, ...(this.cookie && { Cookie: `giaonhan_session=${this.cookie}` }) } });
    for (const set of reply.headers.getSetCookie()) {
      const session = /^giaonhan_session=([^;]*)/.exec(set);
      if (session) { this.cookie = session[1]; this.csrf = ""; }
    }
    return reply;
  }

  get(path) { return this.#fetch(path); }

  async #token() {
    if (!this.csrf && this.cookie) this.csrf = /<meta name="csrf" content="([^"]+)">/.exec(await (await this.get("/account/password")).text())?.[1] ?? "";
    return this.csrf;
  }

  /** Sends a form with the session's token. */
  async form(path, fields = {}) {
    const csrf = await this.#token();
    return this.#fetch(path, { method: "POST", body: new URLSearchParams({ ...(csrf && { csrf }), ...fields }) });
  }

  /** Sends what our scripts send: JSON, or bytes with their type. */
  async send(path, body, { method = "POST", type = "application/json" } = {}) {
    const bytes = type === "application/json" ? JSON.stringify(body) : body;
    return this.#fetch(path, { method, body: bytes, headers: { "Content-Type": type, "X-CSRF-Token": await this.#token() } });
  }
}
