// The sign-in page: shows the password on request, says what unsent work waits on this device, and lets go of kept pages.
import { all } from "./store.js";
import { t } from "./i18n.js";

for (const button of document.querySelectorAll("[data-reveal]")) {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

const form = document.querySelector("form[action='/sign-in']");
form?.addEventListener("submit", () => navigator.serviceWorker?.controller?.postMessage({ type: "forget-pages" }));

try {
  const waiting = (await all("outbox")).filter((act) => act.state !== "refused").length;
  if (waiting > 0) {
    document.querySelector("[data-kept]").textContent = t(
      "{n} thao tác vẫn còn trên máy này, sẽ tự gửi sau khi đăng nhập.",
      "{n} acts are still on this device and will be sent after you sign in.",
      { n: waiting },
    );
    document.getElementById("kept").hidden = false;
  }
} catch {
  // A browser without a store keeps nothing, so there is nothing to say.
}
