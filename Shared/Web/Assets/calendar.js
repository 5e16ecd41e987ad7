// Moves a visit by dragging it to another hour: what has no room for it is marked while it is in the air, and the form that moves it comes up before
// anything is saved. Without this script the form is reached through the visit.
"use strict";
const table = document.querySelector("table.day");
const status = document.querySelector("[data-fits]");
const help = status.textContent;
let visit = null;
const fits = (cell) => visit && Number(cell.dataset.free ?? 0) >= Number(visit.dataset.m);
table.addEventListener("dragstart", (event) => {
  visit = event.target.closest("[data-m]");
  for (const cell of table.tBodies[0].querySelectorAll("td")) cell.classList.toggle("is-away", !fits(cell));
});
table.addEventListener("dragover", (event) => {
  const cell = event.target.closest("td");
  if (!cell || !visit) return;
  if (fits(cell)) event.preventDefault();
  status.textContent = fits(cell) ? status.dataset.fits : status.dataset.taken;
});
table.addEventListener("drop", (event) => {
  const cell = event.target.closest("td");
  if (!cell || !fits(cell)) return;
  event.preventDefault();
  location.href = `${visit.pathname}/move?${table.tHead.rows[0].cells[cell.cellIndex].dataset.to}`;
});
table.addEventListener("dragend", () => {
  visit = null;
  status.textContent = help;
  for (const cell of table.querySelectorAll("td.is-away")) cell.classList.remove("is-away");
});
