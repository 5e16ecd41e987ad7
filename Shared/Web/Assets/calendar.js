// Moves a visit by dragging it to another hour: what has no room for it is marked while it is in the air, and the form that moves it comes up before
// anything is saved. Without this script the form is reached through the visit.
"use strict";
for (const table of document.querySelectorAll("table.day")) {
  const told = document.querySelector("[data-fits]");
  const help = told.textContent;
  let visit = null;
  const fits = (cell) => Number(cell.dataset.free ?? 0) >= Number(visit.dataset.m);
  table.addEventListener("dragstart", (event) => {
    visit = event.target.closest("[data-m]");
    if (!visit) return;
    for (const cell of table.tBodies[0].querySelectorAll("td")) cell.classList.toggle("is-away", !fits(cell));
  });
  table.addEventListener("dragover", (event) => {
    const cell = event.target.closest("td");
    if (!cell || !visit) return;
    if (fits(cell)) event.preventDefault();
    told.textContent = fits(cell) ? told.dataset.fits : told.dataset.taken;
  });
  table.addEventListener("drop", (event) => {
    const cell = event.target.closest("td");
    if (!cell || !visit || !fits(cell)) return;
    event.preventDefault();
    location.href = `${visit.pathname}/move?${table.tHead.rows[0].cells[cell.cellIndex].dataset.to}`;
  });
  table.addEventListener("dragend", () => {
    visit = null;
    told.textContent = help;
    // Hours that are closed have no data of their own, and stay marked.
    for (const cell of table.tBodies[0].querySelectorAll("td")) cell.classList.toggle("is-away", cell.dataset.free === undefined && !cell.children.length);
  });
}
