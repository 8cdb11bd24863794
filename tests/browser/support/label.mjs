// Photos as a phone takes them: a real label of ours, printed, lying askew on a desk, seen through a poor lens.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The label of a leg as it comes from the printer: PNG of its PDF. */
export async function printed(session, legId) {
  const reply = await session.get(`/papers/labels.pdf?leg=${legId}`);
  if (reply.status !== 200) throw new Error(`label of ${legId}: ${reply.status}`);
  const folder = await mkdtemp(join(tmpdir(), "giaonhan-label."));
  try {
    await writeFile(join(folder, "label.pdf"), Buffer.from(await reply.arrayBuffer()));
    await run("pdftoppm", ["-png", "-r", "300", "-singlefile", join(folder, "label.pdf"), join(folder, "label")]);
    return await readFile(join(folder, "label.png"));
  } finally { await rm(folder, { recursive: true, force: true }); }
}

/**
 * A JPEG of 12 megapixels, as phones take them: `label` (PNG, or none for the desk alone) `width` CSS pixels wide of 1,500, under a CSS
 * `transform`, on a grained desk, in warm uneven light, a little blurred.
 */
export async function photo(browser, label, { width = 900, transform = "none", quality = 75 } = {}) {
  const context = await browser.newContext({ viewport: { width: 1500, height: 2000 }, deviceScaleFactor: 2 });
  try {
    const page = await context.newPage();
    await page.setContent(`<style>
      body { margin: 0; height: 2000px; background: #6d5b45; display: grid; place-items: center; perspective: 1800px; overflow: hidden; filter: blur(.35px) }
      canvas { position: absolute; inset: 0; z-index: 2; opacity: .16 } i { position: absolute; inset: 0; z-index: 3; background: radial-gradient(circle at 30% 25%, #fff3, #0000 45%, #0006) }
      img { width: ${width}px; transform: ${transform}; box-shadow: 12px 18px 40px #000a; background: #fff }</style>
      <canvas width="1500" height="2000"></canvas><i></i>${label ? `<img src="data:image/png;base64,${label.toString("base64")}">` : ""}`);
    await page.evaluate(() => {
      const canvas = document.querySelector("canvas"), pen = canvas.getContext("2d"), grain = pen.createImageData(1500, 2000);
      for (let i = 0, seed = 7; i < grain.data.length; i += 4) {
        seed = (seed * 1664525 + 1013904223) % 4294967296;
        grain.data[i] = grain.data[i + 1] = grain.data[i + 2] = seed >>> 24;
        grain.data[i + 3] = 255;
      }
      pen.putImageData(grain, 0, 0);
    });
    return await page.screenshot({ type: "jpeg", quality });
  } finally { await context.close(); }
}
