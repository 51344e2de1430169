/* « Ma préparation » by keyboard: 1 to 5 answer the situation that holds the focus and go to the next one. */
(() => {
  "use strict";
  const lines = () => Array.from(document.querySelectorAll(".pr-line:not(:disabled)"));
  const OPENS_MORE = ["last_decisions", "proposes"];
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-5]$/.test(event.key)) return;
    if (event.target.closest("input:not([type=radio]), select, textarea, dialog[open]")) return;
    const all = lines();
    const line = (document.activeElement && document.activeElement.closest(".pr-line")) || all[0];
    const choice = line && line.querySelectorAll(".pr-state input")[Number(event.key) - 1];
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
    const next = OPENS_MORE.includes(choice.value) ? line : all[all.indexOf(line) + 1] || line;
    const target = next === line ? line.querySelector(".pr-more select, .pr-more input") || choice : next.querySelector(".pr-state input");
    target.focus();
    next.scrollIntoView({ block: "center" });
  });
})();
