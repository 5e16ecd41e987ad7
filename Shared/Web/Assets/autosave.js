// Keeps what is typed into a form marked with data-autosave: five seconds after a change, and whenever a field is left.
// Without this script the form's own button does the same.
"use strict";
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-autosave-status]");
  const typed = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "submission" && name !== "revision"));
  let kept = typed(), isUnderWay = false, isSent = false, timer;
  // What was sent and not answered is sent again as it was, with its key: it may have been kept.
  let pending;
  const save = async () => {
    clearTimeout(timer);
    timer = undefined;
    if (isUnderWay || isSent || (!pending && typed() === kept)) return;
    isUnderWay = true;
    if (!pending) {
      const body = new URLSearchParams(new FormData(form));
      body.set("submission", crypto.randomUUID());
      pending = { body, text: typed() };
    }
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: pending.body, headers: { Accept: "application/json" } });
      if (answer.ok) {
        const saved = await answer.json();
        form.elements.revision.value = saved.revision;
        status.textContent = saved.words;
        kept = pending.text;
        pending = undefined;
      } else {
        const isTaken = answer.status === 409;
        status.textContent = isTaken ? form.dataset.autosaveTaken : form.dataset.autosaveFailed;
        if (answer.status < 500) pending = undefined;
      }
    } catch {
      status.textContent = form.dataset.autosaveFailed;
    }
    isUnderWay = false;
    if (pending || typed() !== kept) timer = setTimeout(save, 5000);
  };
  // What is sent by a button goes after what is on its way: it would come from a revision that is old by then.
  form.addEventListener("submit", async event => {
    clearTimeout(timer);
    if (!isUnderWay) {
      // While the page is left the same is not sent a second time: what answers the button would be of an older revision.
      isSent = true;
      return;
    }
    event.preventDefault();
    while (isUnderWay) await new Promise(done => setTimeout(done, 20));
    clearTimeout(timer);
    form.requestSubmit(event.submitter);
  });
  form.addEventListener("input", () => {
    isSent = false;
    timer ??= setTimeout(save, 5000);
  });
  form.addEventListener("focusout", save);
  // A full stop and the name of a phrase become its words, once a blank follows.
  const phrases = new Map([...form.querySelectorAll("[data-phrase]")].map(item => [item.dataset.phrase, item.textContent]));
  form.addEventListener("input", ({ target, isComposing }) => {
    if (isComposing || target.tagName !== "TEXTAREA") return;
    const found = /(?<=^|\s)\.([\p{L}\p{Nd}-]{1,20})\s$/u.exec(target.value.slice(0, target.selectionEnd));
    const words = found && phrases.get(found[1].toLowerCase());
    if (!words) return;
    target.setRangeText(words, found.index, found.index + found[1].length + 1);
    target.selectionStart = target.selectionEnd = found.index + words.length + 1;
  });
  addEventListener("pageshow", () => { isSent = false; });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
}
