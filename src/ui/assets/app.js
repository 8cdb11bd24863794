// What every signed-in page runs: keys, steppers and tabs; on pages of the post also the line badge and the queue of unsent acts.
import * as focus from "./focus.js";

focus.start();

// The next person on this device must not meet pages that were kept for this one.
for (const form of document.querySelectorAll("[data-sign-out]")) {
  form.addEventListener("submit", async (e) => {
    navigator.serviceWorker?.controller?.postMessage({ type: "forget-pages" });
    e.preventDefault();
    // Downloaded lists go; unsent acts stay, they are sent when their person is back.
    await import("./store.js").then((store) => store.write("lists", (lists) => { lists.clear(); })).catch(() => {});
    form.submit();
  });
}

if (document.querySelector(".net")) {
  const [net, outbox] = await Promise.all([import("./net.js"), import("./outbox.js")]);
  net.start();
  outbox.start();
}
