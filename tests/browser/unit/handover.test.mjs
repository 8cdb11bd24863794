// What a counted line says, and how a difference is put into words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, difference } from "../../../src/ui/assets/handover.js";

const line = (o, c, issue) => decide({ o, c, declared: [1, 2], issue: issue && { words: "Niêm phong rách hoặc mất", note: "", take: false, ...issue } });
const brief = ({ state, outcome, originals, copies, note }) => [state, outcome, originals, copies, note].map((part) => part ?? "-").join(" ");

test("a line is taken when both counts agree, differs when one does not, and waits until both are there", () => {
  assert.equal(brief(line("1", "2")), "ok TAKEN 1 2 -");
  assert.equal(brief(line("1", "3")), "bad COUNT_DIFFERS 1 3 -");
  for (const [o, c] of [["", ""], ["1", ""], ["x", "2"], ["-1", "2"], ["1.5", "2"]]) assert.equal(line(o, c).state, "wait");
});

test("a reason refuses the line; to take it in spite of one needs a note and equal counts", () => {
  assert.equal(brief(line("", "", { why: "MISSING" })), "bad MISSING - - -");
  assert.equal(brief(line("1", "2", { why: "MISSING" })), "bad MISSING - - -");
  assert.equal(brief(line("1", "2", { why: "SEAL_DAMAGED" })), "bad SEAL_DAMAGED 1 2 -");
  assert.equal(line("1", "2", { why: "SEAL_DAMAGED", take: true }).state, "wait");
  assert.equal(brief(line("1", "2", { why: "SEAL_DAMAGED", take: true, note: " đủ " })), "ok TAKEN 1 2 Niêm phong rách hoặc mất: đủ");
  assert.equal(brief(line("1", "2", { why: "NOTE", take: true, note: "đủ" })), "ok TAKEN 1 2 đủ");
  assert.equal(line("1", "3", { why: "SEAL_DAMAGED", take: true, note: "đủ" }).state, "wait", "counts that differ cannot be taken");
  assert.equal(line("1", "2", { why: "COUNT_DIFFERS" }).state, "wait", "what agrees does not differ");
});

test("a difference is said both ways", () => {
  assert.equal(difference([3, 2], 2, 3), "thiếu 1 bản chính, thừa 1 bản sao");
  assert.equal(difference([1, 1], 1, 1), "");
  assert.equal(difference([1, 1], null, null), "");
});
