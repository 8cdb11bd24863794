// A small server and a real Chromium for modules that need a page.

import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { launch } from "../support/browser.mjs";

const ASSETS = new URL("../../../src/ui/assets/", import.meta.url);

/** The browser, with a camera that shows a test picture. */
export const chromium = () => launch(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]);

/** A server of the assets and of pages made by `html(path)`; `desk` is what it does and what it has seen. */
export async function serve() {
  const desk = { person: "p1", token: "t1", version: "1", acts: [], files: new Map(), seen: new Set(), down: 0, headers: {}, outcome: () => "TAKEN", photos: [], slow: 0 };
  const page = (path) => `<!doctype html><html lang="vi" data-person="${desk.person}"><meta charset="utf-8"><meta name="csrf" content="${desk.token}"><title>${path}</title>
    <main><h1>${path} ${desk.person}</h1><span class="net"><svg><path d=""/></svg><span></span></span><section id="unsent" hidden><b id="unsent-h"></b><span id="unsent-t"></span></section>
    <input id="note"><button id="b" type="button" onclick="window.pressed=(window.pressed||0)+1">Ghi</button></main></html>`;
  const server = createServer(async (req, res) => {
    const path = new URL(req.url, "http://x").pathname, chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const send = (status, type, text, headers = {}) => { res.writeHead(status, { "Content-Type": type, ...headers }); res.end(text); };
    try {
      if (path === "/sw.js") return send(200, "text/javascript", await readFile(new URL("sw.js", ASSETS)));
      if (path === "/assets/index.json") return send(200, "application/json", JSON.stringify({ version: desk.version, files: (await readdir(ASSETS)).filter((n) => n.endsWith(".js") && n !== "sw.js").map((n) => `/assets/${n}`), pages: ["/post", "/post/scan"] }));
      if (path.startsWith("/assets/")) return send(200, "text/javascript", await readFile(new URL(path.slice(8), ASSETS)));
      if (req.method !== "GET") {
        if (desk.down) return send(desk.down, "text/plain", "", desk.headers);
        if (req.headers["x-csrf-token"] !== desk.token || (path !== "/scan/photo" && req.headers["x-person"] !== desk.person)) return send(403, "text/plain", "");
        if (path === "/scan/photo") {
          desk.photos.push({ type: req.headers["content-type"], size: body.length, jpeg: body[0] === 0xff && body[1] === 0xd8 });
          return send(200, "application/json", '{"codes":[{"format":"code_128","text":"000.00.12.h98–261119–0026"}]}');
        }
        if (path.startsWith("/files/")) { desk.files.set(path.slice(7), body); return send(201, "text/plain", ""); }
        const results = JSON.parse(body).acts.map((act) => {
          if (desk.seen.has(act.id)) return { id: act.id, outcome: "KNOWN" };
          const outcome = desk.outcome(act);
          if (outcome === "TAKEN") { desk.seen.add(act.id); desk.acts.push(act); }
          return { id: act.id, outcome, problems: outcome === "REFUSED" ? [{ code: "NOPE" }] : undefined };
        });
        return send(200, "application/json", JSON.stringify({ results }));
      }
      if (desk.slow) await new Promise((done) => setTimeout(done, desk.slow));
      return send(200, "text/html; charset=utf-8", page(path), path.startsWith("/sign-in") ? {} : { "X-Person": desk.person, "X-Assets": desk.version });
    } catch (problem) { send(404, "text/plain", String(problem)); }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { desk, url: `http://localhost:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}
