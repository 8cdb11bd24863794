// Repair of texts that an input method rewrote: for any code typed through any of its variants, the code comes back or
// the text is called ambiguous; a wrong code never.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, isDossierNo, isKnownShape, isS10 } from "../../../src/ui/assets/code.js";
import { repair } from "../../../src/ui/assets/telex.js";
import { type } from "./input_method.mjs";

let seed = Number(process.env.SEED ?? 20261119);
const random = (n) => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor((seed / 2 ** 32) * n); };
const pick = (list) => list[random(list.length)];
const digits = (n) => Array.from({ length: n }, () => random(10)).join("");
const letters = (n) => Array.from({ length: n }, () => pick("ABCDEFGHIJKLMNOPQRSTUVWXYZ")).join("");
const alnum = (n) => Array.from({ length: n }, () => pick("0123456789ADEOUWSFRXJ")).join("");

function item(country = pick(["VN", "VN", "VN", "US", "AE", "SE", "DO", "AU"])) {
  const head = letters(2) + digits(8);
  return [..."0123456789"].map((c) => head + c + country).find(isS10);
}
const day = () => `26${String(1 + random(12)).padStart(2, "0")}${String(1 + random(28)).padStart(2, "0")}`;
const oldDossier = () => `${alnum(3)}.${alnum(2)}.${alnum(2)}.${pick("AGHDE")}${digits(2)}-${day()}-${digits(4)}`;
const newDossier = () => `${pick("AGHDE")}${digits(2)}.${pick([digits(2), alnum(2), alnum(3)])}-20${day()}-${digits(7)}`;
const note = () => pick([`PG${digits(6)}-${digits(10)}`, `${letters(2)}-${digits(6)}-${digits(6)}`]);
const makers = { item, oldDossier, newDossier, note };
const variants = [false, true].flatMap((vni) => [false, true].flatMap((free) => [false, true].flatMap((spelling) =>
  [false, true].flatMap((restore) => ["first", "last"].map((toneOn) => ({ vni, free, spelling, restore, toneOn, loneW: free }))))));

test("shapes: real samples of the field", () => {
  for (const code of ["000.00.12.H98-261119-0026", "H98.12-261119-0026", "G09.20-20260609-0092637", "000.A0.01.H26-210212-9090", "EE123456785VN", "RR473124829VN", "EE200000045VN", "PG-980110-004128", "PG650100-2611230001"]) assert.ok(isKnownShape(code), code);
  for (const code of ["000.00.12.H32-260931-0001", "H32-260930", "EE123456789VN", "EE12345678VN", "000.00.12.H32-250229-0001", "", "ABC"]) assert.ok(!isKnownShape(code), code);
  assert.ok(!isDossierNo(`H98.${"A".repeat(32)}-261119-0026`), "an agency code has at most 35 characters");
});

test("folding", () => {
  assert.equal(fold("  000.00.12.h98–261119—0026\\n"), "000.00.12.H98-261119-0026");
  assert.equal(fold("]C1RR473124829VN\u001d\r\n"), "RR473124829VN");
  assert.equal(fold("https://tra-cuu.example/t/000.00.12.H98-261119-0026?k=1"), "000.00.12.H98-261119-0026");
});

test("the rewritings of the field come back", () => {
  assert.deepEqual(repair("RÃ73124829VN"), { kind: "repaired", code: "RA473124829VN" });
  const seen = "000.Á.01.H26-210212-9090";
  assert.deepEqual(repair(seen), { kind: "ambiguous", candidates: ["000.AS.01.H26-210212-9090", "000.A1.01.H26-210212-9090"] });
  assert.deepEqual(repair(seen, isKnownShape, { isExpected: (c) => c === "000.A1.01.H26-210212-9090" }), { kind: "repaired", code: "000.A1.01.H26-210212-9090" });
  const telex = "EE123456785VN";
  assert.deepEqual(repair(type(telex).text), { kind: "repaired", code: telex });
  assert.deepEqual(repair("DD123456785VN".replace("DD", "Đ")), { kind: "repaired", code: "DD123456785VN" });
});

test("a text that nobody touched stays as it is", () => {
  for (const make of Object.values(makers)) for (let i = 0; i < 200; i += 1) {
    const code = make();
    assert.deepEqual(repair(code), { kind: "clean", code });
  }
  assert.deepEqual(repair("VNP0012345"), { kind: "clean", code: "VNP0012345" });
});

test("plain words and noise give no code", () => {
  for (const text of ["Nguyễn Thị Hạnh", "ÁÁ", "ỘỘỘ", "đ", "日本"]) assert.equal(repair(text).code, undefined, text);
});

test("never a wrong code, for random codes through every variant", (t) => {
  const sums = {};
  for (const [name, make] of Object.entries(makers)) for (const how of variants) for (let i = 0; i < 80; i += 1) {
    const code = make(), { text, rewritten } = type(code, how);
    if (!rewritten) { assert.equal(text, code); continue; }
    const got = repair(text, isKnownShape, { rewritten });
    const sum = (sums[`${name} ${how.vni ? "VNI" : "Telex"}`] ??= { rewritten: 0, back: 0, hopeless: 0 });
    sum.rewritten += 1;
    if (got.code !== undefined) assert.equal(got.code, code, `${code} → ${text} ${JSON.stringify(how)}`);
    sum.back += got.code === code ? 1 : 0;
    sum.hopeless += got.kind === "hopeless" ? 1 : 0;
  }
  t.diagnostic(JSON.stringify(sums));
  const share = (name) => sums[name].back / sums[name].rewritten;
  assert.ok(share("item Telex") > 0.95, `item Telex ${share("item Telex")}`);
  assert.ok(share("item VNI") > 0.5, `item VNI ${share("item VNI")}`);
});

test("the expected list tells which of several, and still never a wrong one", (t) => {
  let rewrittenCount = 0, back = 0;
  for (const make of Object.values(makers)) {
    const list = new Set(Array.from({ length: 2000 }, () => make()));
    for (const code of [...list].slice(0, 150)) {
      const { text, rewritten } = type(code, pick(variants));
      if (!rewritten) continue;
      const got = repair(text, isKnownShape, { rewritten, isExpected: (c) => list.has(c) });
      rewrittenCount += 1;
      if (got.code !== undefined) assert.equal(got.code, code, text);
      back += got.code === code ? 1 : 0;
    }
  }
  t.diagnostic(`${back} of ${rewrittenCount}`);
  assert.ok(back / rewrittenCount > 0.9, `${back} of ${rewrittenCount}`);
});

test("a spoiled text is answered within a counter's patience", () => {
  for (const text of ["EẶ75VN", "ƯƠẶ.ẬẾỘ.ĐĐ", "Ậ".repeat(30), "NGHIÊNG ĐƯỜNG KHUYẾN"]) {
    const from = performance.now();
    repair(text, isKnownShape, { rewritten: true, isExpected: () => false });
    assert.ok(performance.now() - from < 1000, `${text}: ${performance.now() - from} ms`);
  }
});
