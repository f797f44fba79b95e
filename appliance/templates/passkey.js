// The passkey dialogue of <form data-passkey="create|get" data-options="JSON">. The form is always sent in the end: with "credential",
// or with that empty and "outcome" = cancelled | known | unsupported.
"use strict";
(() => {
  const busy = new WeakSet();

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const base64url = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // Older browsers do not read this JSON themselves.
  const read = (kind, options) => {
    const parse = kind === "create" ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
    if (PublicKeyCredential[parse]) return PublicKeyCredential[parse](options);
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    for (const one of options.excludeCredentials || options.allowCredentials || []) one.id = bytes(one.id);
    return options;
  };

  // Older browsers, and what some password managers put in, do not write themselves.
  const write = (credential) => {
    try {
      return JSON.stringify(credential.toJSON());
    } catch {
      const from = credential.response;
      const response = {};
      for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
        if (from[name] && from[name].byteLength) response[name] = base64url(from[name]);
      }
      if (from.getTransports) response.transports = from.getTransports();
      return JSON.stringify({ id: credential.id, rawId: base64url(credential.rawId), type: credential.type, response });
    }
  };

  const why = (kind, { name }) => {
    if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
    return kind === "create" && name === "InvalidStateError" ? "known" : "unsupported";
  };

  const fill = (form, name, value) => {
    let field = form.elements.namedItem(name);
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      form.append(field);
    }
    field.value = value;
  };

  addEventListener("submit", async (event) => {
    const form = event.target;
    const kind = form.dataset.passkey;
    if (!kind) return;
    event.preventDefault();
    if (busy.has(form)) return;
    busy.add(form);
    let credential = "";
    let outcome = "";
    try {
      credential = write(await navigator.credentials[kind]({ publicKey: read(kind, JSON.parse(form.dataset.options)) }));
    } catch (error) {
      outcome = why(kind, error);
    }
    fill(form, "credential", credential);
    fill(form, "outcome", outcome);
    HTMLFormElement.prototype.submit.call(form);
  });

  // Also after "back", where the page comes as it was left.
  addEventListener("pageshow", () => {
    for (const form of document.forms) busy.delete(form);
    for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
  });
})();
