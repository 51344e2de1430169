/* Security keys: ask the browser to make or use one, put its answer in the form, send the form.
   <div data-passkey="get|create" data-options="{JSON}" data-field="name of the field" hidden>. Without this file, or
   in a browser without WebAuthn, the part stays hidden and the code of the phone serves. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

  const create = async (options) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    } });
    return { credential: made, response: {
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    } };
  };
  const get = async (options) => {
    const used = await navigator.credentials.get({ publicKey: {
      ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials),
    } });
    return { credential: used, response: {
      authenticatorData: text(used.response.authenticatorData),
      signature: text(used.response.signature),
      userHandle: used.response.userHandle ? text(used.response.userHandle) : null,
    } };
  };
  const reason = (error) => {
    if (error.name === "InvalidStateError") return "Cette clé est déjà reliée à votre compte.";
    if (error.name === "NotAllowedError") return "La clé n’a pas répondu à temps, ou vous avez annulé. Vous pouvez réessayer.";
    return "Cette clé ne peut pas servir ici. Servez-vous du code de votre téléphone.";
  };

  document.querySelectorAll("[data-passkey]").forEach((part) => {
    const button = part.querySelector("button");
    const said = part.querySelector("[role=alert]");
    const form = part.closest("form");
    part.hidden = false;
    button.addEventListener("click", async () => {
      if (part.dataset.passkey === "create" && form.elements.name && !form.elements.name.value.trim()) {
        said.textContent = "Donnez d’abord un nom à cette clé.";
        form.elements.name.focus();
        return;
      }
      said.textContent = "Touchez votre clé…";
      button.disabled = true;
      try {
        const options = JSON.parse(part.dataset.options);
        const { credential, response } = await (part.dataset.passkey === "create" ? create : get)(options);
        let field = form.elements[part.dataset.field];
        if (!field) {
          field = document.createElement("input");
          field.type = "hidden";
          field.name = part.dataset.field;
          form.append(field);
        }
        field.value = JSON.stringify({
          id: credential.id, rawId: text(credential.rawId), type: credential.type,
          response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
        });
        form.submit();
      } catch (error) {
        said.textContent = reason(error);
        button.disabled = false;
      }
    });
  });
})();
