// Sends a larger file in pieces before its form, so that one that breaks off goes on where it ended. Without this script it goes with the form.
"use strict";
{
  const [PIECE, LARGEST, TRIES] = [480 * 1024, 25 * 1024 * 1024, 8];
  const underWay = new WeakSet();
  // True: all of it is there. False: it is to go with the form, which says why not. Undefined: the connection is gone.
  const send = async (form, file) => {
    const status = form.querySelector("[data-pieces-status]");
    let [offset, tries, asks] = [0, 0, true];
    while (asks || offset < file.size) {
      const body = new FormData();
      for (const name of ["form-key", "submission"]) body.set(name, form.elements[name].value);
      body.set("offset", offset);
      if (!asks) body.set("file", file.slice(offset, offset + PIECE), "piece");
      try {
        const answer = await fetch(form.dataset.pieces, { method: "POST", body, redirect: "manual" });
        if (answer.type === "opaqueredirect" || (answer.status >= 400 && answer.status < 500)) return false;
        offset = (await answer.json()).received;
        [asks, tries] = [false, 0];
        const words = form.dataset.piecesSending.replace("#", Math.floor(offset / file.size * 10) * 10);
        if (status.textContent !== words) status.textContent = words;
      } catch {
        if (++tries > TRIES) return undefined;
        asks = true;
        await new Promise(done => setTimeout(done, Math.min(15000, 250 * 2 ** tries)));
      }
    }
    return true;
  };
  document.addEventListener("submit", async event => {
    const form = event.target;
    const input = form.querySelector("input[type=file]");
    const file = form.dataset.pieces && input?.files[0];
    if (!file || file.size <= PIECE || file.size > LARGEST) return;
    event.preventDefault();
    if (underWay.has(form)) return;
    underWay.add(form);
    const isThere = await send(form, file);
    underWay.delete(form);
    if (isThere === undefined) {
      form.querySelector("[data-pieces-status]").textContent = form.dataset.piecesBroken;
      return;
    }
    if (isThere) {
      for (const [name, value] of [["pieces", file.name], ["pieces-size", file.size]]) {
        const field = document.createElement("input");
        [field.type, field.name, field.value] = ["hidden", name, value];
        form.append(field);
      }
      input.disabled = true;
    }
    form.submit();
  });
  // Back from another page the file is to be chosen as before.
  addEventListener("pageshow", event => {
    if (!event.persisted) return;
    for (const field of document.querySelectorAll("form[data-pieces] input")) {
      if (field.type === "file") field.disabled = false;
      if (field.name.startsWith("pieces")) field.remove();
    }
  });
}
