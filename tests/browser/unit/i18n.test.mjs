// Which language a text is given in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { t } from "../../../src/ui/assets/i18n.js";

test("the page's language picks, values are filled in, unknown names stay", () => {
  assert.equal(t("Còn {n} hồ sơ", "{n} dossiers left", { n: 0 }), "Còn 0 hồ sơ");
  globalThis.document = { documentElement: { lang: "en" } };
  assert.equal(t("Còn {n} hồ sơ", "{n} dossiers left {m}", { n: 4 }), "4 dossiers left {m}");
  globalThis.document.documentElement.lang = "vi";
  assert.equal(t("Hôm nay", "Today"), "Hôm nay");
  delete globalThis.document;
});
