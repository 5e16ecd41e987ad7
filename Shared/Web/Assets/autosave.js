// Keeps what is typed into a form marked with data-autosave: five seconds after a change, and whenever a field is left.
// Without this script the form's own button does the same.
"use strict";
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-autosave-status]");
  let kept = JSON.stringify([...new FormData(form)]), isUnderWay = false, timer;
  const typed = () => {
    const fields = new FormData(form);
    return [...fields].filter(([name]) => name !== "submission" && name !== "revision");
  };
  kept = JSON.stringify(typed());
  const save = async () => {
    clearTimeout(timer);
    timer = undefined;
    const now = JSON.stringify(typed());
    if (now === kept || isUnderWay) return;
    isUnderWay = true;
    const body = new URLSearchParams(new FormData(form));
    body.set("submission", crypto.randomUUID());
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.ok) {
        const saved = await answer.json();
        form.elements.revision.value = saved.revision;
        status.textContent = saved.words;
        kept = now;
      } else {
        status.textContent = answer.status === 409 ? form.dataset.autosaveTaken : form.dataset.autosaveFailed;
      }
    } catch {
      status.textContent = form.dataset.autosaveFailed;
    }
    isUnderWay = false;
    if (JSON.stringify(typed()) !== kept) timer = setTimeout(save, 5000);
  };
  // What is sent by a button goes after what is on its way: it would come from a revision that is old by then.
  form.addEventListener("submit", async event => {
    clearTimeout(timer);
    if (!isUnderWay) return;
    event.preventDefault();
    while (isUnderWay) await new Promise(done => setTimeout(done, 20));
    clearTimeout(timer);
    form.requestSubmit(event.submitter);
  });
  form.addEventListener("input", () => { timer ??= setTimeout(save, 5000); });
  form.addEventListener("focusout", save);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
}
