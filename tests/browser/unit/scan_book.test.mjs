// What scans come to: against a list, before it, and with what the server and other devices know.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Book } from "../../../src/ui/assets/scan_book.js";
import { List } from "../../../src/ui/assets/scan_list.js";

const A = "000.00.15.H32-261119-0001", B = "000.00.15.H32-261119-0002", ELSEWHERE = "EE123456785VN";
const data = (scans = []) => ({
  begins: ["000.00.15.H32-261119-", ""], procedures: ["Cấp đổi giấy phép lái xe"], places: ["Sở Xây dựng"], agencies: {},
  legs: [[[0, "0001", "CH650100015VN", ""], 0, 1, 2, ""], [[0, "0002", "", "PG-650100-000002"], 0, 1, 0, "40132"]],
  others: [[0, [1, "", ELSEWHERE, ""]]], scans,
});
let book, at;
beforeEach(() => { book = new Book(); at = 0; });
const scan = (code) => book.take({ id: `s${(at += 1)}`, code, at, ...book.judge(code) });
const counts = () => [book.done, book.aside, book.all];
const outs = () => book.entries.map(({ out, undone, refused }) => out + (undone ? " undone" : "") + (refused ? " refused" : "")).join(", ");

test("a scan before the list waits for it, and is never told to be on no list", () => {
  for (const code of [A, "NOTHING", ELSEWHERE, A]) scan(code);
  assert.equal(outs(), "WAIT, WAIT, WAIT, WAIT");
  assert.deepEqual(book.use(null, true), [], "it did not come: they wait on");
  assert.equal(book.judge(A).out, "WAIT");
  const answered = book.use(new List(data()), true);
  assert.deepEqual([answered.length, outs()], [4, "OK, NOT, WRONG, AGAIN"]);
  assert.equal(book.entries[2].place, "Sở Xây dựng");
  assert.deepEqual(counts(), [1, 2, 2]);
});

test("a kept list answers what is on it; what is not waits for the fresh one, or for its failure", () => {
  book.use(new List({ ...data(), legs: data().legs.slice(0, 1) }), false);
  assert.deepEqual([scan(A).out, scan("CH650100015VN").out, scan(B).out, scan("NOTHING").out], ["OK", "AGAIN", "WAIT", "WAIT"]);
  book.use(new List(data()), true);
  assert.equal(outs(), "OK, AGAIN, OK, NOT");
  assert.deepEqual(counts(), [2, 1, 2]);
  const alone = new Book();
  alone.use(new List(data()), false);
  alone.take({ id: "x", code: "NOTHING", at: 1, ...alone.judge("NOTHING") });
  alone.use(null, true);
  assert.equal(alone.entries[0].out, "NOT", "without a line the kept list has the last word");
});

test("what another device scanned comes with the list, and the earlier of two counts", () => {
  scan(A);
  book.entries[0].at = 100;
  book.use(new List(data([["other", A, "OK", 50, null, "Trần Văn Lực"], ["o2", B, "OK", 60, null, "Trần Văn Lực"], ["o3", B, "UNDO", 70, "o2", "Trần Văn Lực"]])), true);
  assert.equal(outs(), "OK, OK undone, AGAIN");
  assert.deepEqual(counts(), [1, 0, 2]);
  assert.equal(book.entries[1].undoneBy, "Trần Văn Lực");
  assert.equal(scan(B).out, "OK");
});

test("taking back what only the server tells of holds, whichever comes first", () => {
  book.merge([{ id: "u1", out: "UNDO", undoes: "s9", at: 9 }]);
  book.use(new List(data([["s9", A, "OK", 5, null, "x"]])), true);
  assert.equal(outs(), "OK undone");
  assert.equal(scan(A).out, "OK");
});

test("a refused scan counts for nothing until it is taken", () => {
  book.use(new List(data()), true);
  const entry = scan(A);
  book.refuse(entry, "phiên đã chốt");
  assert.deepEqual([counts()[0], book.lastStanding()], [0, undefined]);
  book.mend(entry, { out: "OK" });
  assert.deepEqual([counts()[0], outs()], [1, "OK"]);
  book.withdraw(entry);
  assert.equal(book.done, 0);
  book.reinstate(entry);
  assert.deepEqual([book.done, scan(A).out], [1, "AGAIN"]);
});
