// The dossier page: filters of the rail. They hide, they never remove; the order stays.
const filters = document.getElementById("filters");
if (filters) filters.hidden = false;
for (const pill of document.querySelectorAll("[data-show]")) {
  const shown = () => document.querySelectorAll(`#rail .${pill.dataset.show}`);
  if (shown().length === 0) pill.hidden = true;
  pill.addEventListener("click", () => {
    const on = pill.getAttribute("aria-pressed") !== "true";
    pill.setAttribute("aria-pressed", String(on));
    for (const each of shown()) each.hidden = !on;
  });
}
