// Counts down how long a time is kept for somebody. Without this script the page says until when, by the clock.
"use strict";
for (const place of document.querySelectorAll("[data-seconds]")) {
  // By how long it is, not until when: this machine's clock may be another than the clinic's.
  const end = performance.now() + Number(place.dataset.seconds) * 1000;
  const show = () => {
    const left = Math.max(0, Math.round((end - performance.now()) / 1000));
    place.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : place.dataset.over;
    if (!left) clearInterval(timer);
  };
  const timer = setInterval(show, 1000);
  place.parentElement.hidden = false;
  show();
}
