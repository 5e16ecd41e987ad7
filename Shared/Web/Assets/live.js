// Shows what changed while a page is open: a stream says that something did, and the page is asked for anew. Where there is no stream it is asked for
// every half minute. Without this script the page is as it was when it was opened.
"use strict";
const mark = () => document.querySelector("main [data-live]");
if (mark()) {
  const told = document.createElement("p");
  told.className = "hide";
  told.setAttribute("role", "status");
  document.body.append(told);
  let stream, timer, isUnderWay = false, isWanted = false, isOver = false;
  const isTouched = () => document.querySelector("main form:focus-within, main [aria-invalid]")
    || [...document.querySelectorAll("main textarea, main input:not([type=hidden])")].some(field => field.value !== field.defaultValue);
  const end = () => {
    isOver = true;
    stream?.close();
    clearInterval(timer);
  };
  // Only so does a page come without its text being made one here.
  const ask = address => new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.setRequestHeader("Chartline-Live", "1");
    request.onload = () => done(request);
    request.onerror = failed;
    request.send();
  });
  const refresh = async () => {
    // Nobody sees it: what is fetched is marked as read.
    isWanted = document.hidden || isUnderWay;
    if (isWanted || isOver) return;
    isUnderWay = true;
    try {
      const address = new URL(location.href);
      for (const name of ["sent", "done"]) address.searchParams.delete(name);
      address.hash = "";
      const answer = await ask(address);
      // Whoever it was is signed out, or the page is not theirs any more.
      if (answer.responseURL !== address.href || answer.status === 404) return end();
      if (answer.status === 200) show(answer.response);
    } catch {
      // The next change, or the next half minute, tries again.
    } finally {
      isUnderWay = false;
      if (isWanted) refresh();
    }
  };
  const show = page => {
    const there = page.querySelector("main [data-live]");
    if (!there || there.dataset.live === mark()?.dataset.live) return;
    // What somebody is typing stays; what was written meanwhile comes above it, and below it what is promised now.
    const parts = isTouched() ? ["main .thread", "main [data-live]", "main #text-hint", "main [name=shown]"] : ["main"];
    for (const part of parts) {
      const [before, after] = [document.querySelector(part), page.querySelector(part)];
      if (before && after) before.replaceWith(document.adoptNode(after));
    }
    told.textContent = "";
    setTimeout(() => { told.textContent = mark().dataset.liveSaid; }, 100);
  };
  const poll = () => { timer ??= setInterval(() => { refresh(); if (!isOver && stream.readyState === EventSource.CLOSED) watch(); }, 30000); };
  const watch = () => {
    stream = new EventSource(mark().dataset.live);
    stream.onopen = () => { clearInterval(timer); timer = undefined; };
    stream.onmessage = refresh;
    // One that broke off comes back by itself; one that was refused does not.
    stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) poll(); };
  };
  document.addEventListener("visibilitychange", () => { if (isWanted) refresh(); });
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", event => { if (event.persisted) watch(); });
  watch();
}
