// What axe-core finds on a page: WCAG 2.2 up to AA, and its best practices.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const SOURCE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];

/** The violations, one line for each rule and element: rule, where, what to do. */
export async function violations(page, { within } = {}) {
  // The whole page at once: a bar that stays at the lower edge must not count as covering what can be moved from under it.
  const size = page.viewportSize(), height = await page.evaluate(() => document.documentElement.scrollHeight);
  const taller = size && height > size.height;
  if (taller) await page.setViewportSize({ ...size, height: Math.min(height, 8000) });
  if (!(await page.evaluate("Boolean(window.axe)"))) await page.evaluate(`${SOURCE}; undefined`);
  // A colour on its way to another is neither.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((each) => Number.isFinite(each.effect.getComputedTiming().endTime)).map((each) => each.finished)).then(() => {}));
  const found = await page.evaluate(([within, values]) => window.axe.run(within ?? document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }), [within, TAGS]);
  if (taller) await page.setViewportSize(size);
  return found.violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${node.failureSummary.split("\n").slice(1).map((line) => line.trim()).join("; ")}`));
}

/** Fails with the list of what it finds. */
export async function assertAccessible(page, options) {
  const found = await violations(page, options);
  assert.equal(found.length, 0, `axe on ${new URL(page.url()).pathname}:\n${found.join("\n")}`);
}
