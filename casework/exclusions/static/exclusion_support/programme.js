/* The programme of a pupil by mouse: a half-day dropped on another exchanges what both hold. Lists do the same without this file. */
(() => {
  "use strict";
  const grid = document.querySelector("[data-programme]");
  const form = document.getElementById("deplacer");
  if (!grid || !form) return;
  const cardOf = (event) => event.target.closest && event.target.closest("[data-half-day][draggable=true]");
  const clear = () => grid.querySelectorAll(".is-over, .is-dragged").forEach((card) => card.classList.remove("is-over", "is-dragged"));
  let dragged = null;

  grid.addEventListener("dragstart", (event) => {
    dragged = cardOf(event);
    if (!dragged) return;
    dragged.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "demi-journée"); // an empty one cancels the drag
  });
  grid.addEventListener("dragover", (event) => {
    const card = cardOf(event);
    if (!dragged || !card || card === dragged) return;
    event.preventDefault();
    grid.querySelectorAll(".is-over").forEach((one) => one.classList.remove("is-over"));
    card.classList.add("is-over");
  });
  grid.addEventListener("drop", (event) => {
    const card = cardOf(event);
    if (!dragged || !card || card === dragged) return;
    event.preventDefault();
    form.elements.half_day.value = dragged.dataset.halfDay;
    form.elements.to.value = card.dataset.halfDay;
    form.requestSubmit();
  });
  grid.addEventListener("dragend", () => { dragged = null; clear(); });
})();
