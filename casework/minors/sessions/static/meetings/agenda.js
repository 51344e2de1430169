/* The agenda by mouse and keyboard. Buttons do the same without this file. */
(() => {
  "use strict";
  const form = () => document.getElementById("ordre");
  const lines = () => Array.from(document.querySelectorAll("[data-line]"));
  let dragged = null;

  const clear = () => lines().forEach((line) => line.classList.remove("is-dragged", "is-over-top", "is-over-bottom"));
  const half = (event, line) => {
    const box = line.getBoundingClientRect();
    return event.clientY < box.top + box.height / 2 ? "top" : "bottom";
  };
  const send = (ids, moved) => {
    const place = form();
    place.querySelectorAll("input[name=order], input[name=move]").forEach((field) => field.remove());
    const put = (name, value) => {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      place.append(field);
    };
    ids.forEach((id) => put("order", id));
    put("move", `to:${moved}`);
    place.requestSubmit();
  };

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest && event.target.closest("[data-line][draggable=true]");
    if (!dragged) return;
    dragged.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "ligne"); // an empty one cancels the drag
  });
  document.addEventListener("dragover", (event) => {
    const line = event.target.closest && event.target.closest("[data-line]");
    if (!dragged || !line) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    lines().forEach((one) => one.classList.remove("is-over-top", "is-over-bottom"));
    if (line !== dragged) line.classList.add(`is-over-${half(event, line)}`);
  });
  document.addEventListener("drop", (event) => {
    const line = event.target.closest && event.target.closest("[data-line]");
    if (!dragged || !line || line === dragged) { clear(); return; }
    event.preventDefault();
    const moved = dragged.dataset.line;
    const ids = lines().map((one) => one.dataset.line).filter((id) => id !== moved);
    ids.splice(ids.indexOf(line.dataset.line) + (half(event, line) === "bottom" ? 1 : 0), 0, moved);
    send(ids, moved);
  });
  document.addEventListener("dragend", () => { dragged = null; clear(); });

  // Alt and an arrow move the line that holds the focus.
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const line = document.activeElement && document.activeElement.closest("[data-line]");
    const button = line && line.querySelector(event.key === "ArrowUp" ? "[data-up]" : "[data-down]");
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });

  // After a move the focus stays on the line that moved, once the browser has gone to its anchor.
  window.addEventListener("load", () => setTimeout(() => {
    const target = location.hash.startsWith("#ligne-") && document.getElementById(location.hash.slice(1));
    const first = target && target.querySelector("[data-up]:not(:disabled), [data-down]:not(:disabled)");
    if (first) { first.focus({ preventScroll: true }); target.scrollIntoView({ block: "nearest" }); }
  }, 120));
})();
