// Asks the device for a passkey, or for proof of one, and sends what it says with the form that is marked with data-passkey.
// Without this script, or where a browser knows no passkeys, those forms stay hidden.
"use strict";
const bytesOf = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), letter => letter.charCodeAt(0));
const textOf = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const ask = {
  add: ({ challenge, user, name, known }) => navigator.credentials.create({ publicKey: {
    challenge: bytesOf(challenge), rp: { name: document.querySelector(".brand").textContent.trim() },
    user: { id: bytesOf(user), name, displayName: name }, pubKeyCredParams: [{ type: "public-key", alg: -7 }],
    authenticatorSelection: { residentKey: "required", userVerification: "required" }, attestation: "none",
    excludeCredentials: known.split(" ").filter(Boolean).map(id => ({ type: "public-key", id: bytesOf(id) })),
  } }),
  use: ({ challenge }) => navigator.credentials.get({ publicKey: { challenge: bytesOf(challenge), userVerification: "required" } }),
};
for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  const status = form.querySelector("[role=status]");
  let isAnswered = false;
  form.hidden = false;
  form.addEventListener("submit", async event => {
    if (isAnswered) return;
    event.preventDefault();
    status.textContent = "";
    try {
      const answer = await ask[form.dataset.passkey](form.dataset);
      form.elements.credential.value = textOf(answer.rawId);
      form.elements.client.value = textOf(answer.response.clientDataJSON);
      const { response } = answer;
      form.elements.said.value = textOf(response.authenticatorData ?? response.getAuthenticatorData());
      if (response.signature) form.elements.signature.value = textOf(response.signature);
      else form.elements["public-key"].value = textOf(response.getPublicKey());
      isAnswered = true;
      form.requestSubmit();
    } catch {
      status.textContent = form.dataset.failed;
    }
  });
}
