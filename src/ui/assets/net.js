// The state of the line, always in sight: the badge at the top right and the note `#unsent`, from the outbox's events.

import { t } from "./i18n.js";
import * as outbox from "./outbox.js";

const ON = "M2.5 9.500a14 14 0 0 1 19 0M6 13.500a9 9 0 0 1 12 0M9.300 16.700a4.500 4.500 0 0 1 5.400 0M12 19.500v.1";
const OFF = "M2.500 9.500a14 14 0 0 1 5-3.100M21.500 9.500a14 14 0 0 0-8-3.900M6 13.500a9 9 0 0 1 4-2.200M12 18.700v.1M3.500 3.500l17 17";
const clock = (iso) => iso?.slice(11, 16) ?? "";
let lostAt = null;

/** The words for a state of the outbox: badge, headline and explanation of the note; no headline when there is nothing to say. */
export function words({ unsent, refused, others, state, since }) {
  const off = state === "offline" || state === "waiting";
  const both = { n: unsent, m: refused };
  const badge = unsent && refused ? t("{n} chưa gửi, {m} từ chối", "{n} unsent, {m} refused", both) : unsent ? t("{n} chưa gửi", "{n} unsent", both) : refused ? t("{m} bị từ chối", "{m} refused", both) : off ? (state === "offline" ? t("Không có mạng", "No line") : t("Chưa gửi được", "Not sending")) : t("Đã gửi hết", "All sent");
  const rest = [];
  let head = "";
  if (state === "signed-out") {
    head = t("Phiên làm việc đã hết hạn.", "Your session has ended.");
    rest.push(t("Đăng nhập lại để gửi tiếp, dữ liệu trên máy còn nguyên.", "Sign in again to go on sending; everything on this device is kept."));
  } else if (off) {
    const at = { at: clock(since) };
    head = state === "offline" ? t("Mất mạng từ {at}, vẫn làm việc bình thường.", "No line since {at}; work goes on as usual.", at)
      : t("Chưa gửi được từ {at}, vẫn làm việc bình thường.", "Sending has failed since {at}; work goes on as usual.", at);
  } else if (unsent) {
    head = t("Đang gửi.", "Sending.");
  }
  if (unsent) rest.push(t("{n} thao tác đã lưu trên máy, sẽ tự gửi đúng thứ tự và đúng giờ đã làm.", "{n} acts are kept on this device and will be sent in order, with their true times.", { n: unsent }));
  if (refused) {
    head ||= t("Có thao tác bị từ chối.", "Some acts were refused.");
    rest.push(t("{n} thao tác bị từ chối, cần xem lại.", "{n} acts were refused and need a look.", { n: refused }));
  }
  if (others) {
    head ||= t("Máy còn giữ thao tác của người khác.", "This device holds acts of someone else.");
    rest.push(t("{n} thao tác của người khác chờ người đó đăng nhập.", "{n} acts of someone else wait for that person to sign in.", { n: others }));
  }
  return { badge, head, text: rest.join(" "), off };
}

/** Shows a state on every `.net` badge and in the note `#unsent` of the page. */
export function paint(counts) {
  const lost = counts.state === "offline" || counts.state === "waiting";
  if (lost) lostAt ??= outbox.isoLocal(); else if (counts.state !== "sending") lostAt = null;
  const { badge, head, text, off } = words({ ...counts, since: lostAt });
  for (const net of document.querySelectorAll(".net")) {
    net.classList.toggle("net-off", off || counts.unsent > 0 || counts.state === "signed-out");
    net.classList.toggle("net-bad", counts.refused > 0);
    net.querySelector("path")?.setAttribute("d", off ? OFF : ON);
    const label = net.querySelector("span");
    if (label && label.textContent !== badge) label.textContent = badge;
  }
  const note = document.getElementById("unsent");
  if (!note) return;
  note.hidden = !head;
  const put = (id, words) => { const at = document.getElementById(id); if (at && at.textContent !== words) at.textContent = words; };
  put("unsent-h", head);
  put("unsent-t", text);
}

/** Paints now and at every change, and installs the worker that keeps the pages working without a line. */
export function start() {
  navigator.serviceWorker?.register("/sw.js").then(() => navigator.serviceWorker.ready).then(({ active }) => active.postMessage({ type: "warm" })).catch(() => {});
  outbox.on("change", paint);
  return outbox.counts().then(paint);
}
