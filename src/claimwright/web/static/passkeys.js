"use strict";
/* Passkeys: asks our server what to ask, the browser for the answer, and puts the answer into the form.
   A form says with data-passkey what it is for (sign_in, second, add), with data-options where to ask. */
window.claimwrightPasskeys = (function () {
  var supported = Boolean(window.PublicKeyCredential && navigator.credentials);
  var STOPPED = "No passkey was used. Try again, or go on another way.";

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (mark) { return mark.charCodeAt(0); });
  }

  function text(buffer) {
    var plain = Array.from(new Uint8Array(buffer), function (byte) { return String.fromCharCode(byte); }).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function readable(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) { options.user.id = bytes(options.user.id); }
    ["allowCredentials", "excludeCredentials"].forEach(function (name) {
      (options[name] || []).forEach(function (one) { one.id = bytes(one.id); });
    });
    return options;
  }

  function written(credential) {
    var from = credential.response, response = { clientDataJSON: text(from.clientDataJSON) };
    if (from.attestationObject) { response.attestationObject = text(from.attestationObject); }
    if (from.authenticatorData) {
      response.authenticatorData = text(from.authenticatorData);
      response.signature = text(from.signature);
      if (from.userHandle) { response.userHandle = text(from.userHandle); }
    }
    return JSON.stringify({
      id: credential.id, rawId: text(credential.rawId), type: credential.type, response: response,
      clientExtensionResults: {}
    });
  }

  /* The answer as text, to be sent as `credential`. Rejects with an Error whose message can be shown. */
  async function ask(address, token, fields) {
    var body = new URLSearchParams(fields);
    body.set("csrfmiddlewaretoken", token);
    var reply = await fetch(address, { method: "POST", body: body, headers: { "Accept": "application/json" } });
    if (!reply.ok) {
      var said = await reply.json().catch(function () { return {}; });
      throw new Error(said.words || STOPPED);
    }
    var options = readable(await reply.json()), credential;
    try {
      credential = fields.what === "add"
        ? await navigator.credentials.create({ publicKey: options })
        : await navigator.credentials.get({ publicKey: options });
    } catch (stopped) {
      throw new Error(stopped.name === "InvalidStateError" ? "This passkey is here already." : STOPPED);
    }
    return written(credential);
  }

  function prepare(form) {
    var button = form.querySelector("button"), said = form.querySelector(".errorlist");
    form.hidden = !supported;
    async function run(event) {
      event.preventDefault();
      if (!form.reportValidity()) { return; }
      said.hidden = true;
      button.disabled = true;
      try {
        form.elements.credential.value = await ask(
          form.dataset.options, form.elements.csrfmiddlewaretoken.value, { what: form.dataset.passkey }
        );
        form.submit();
      } catch (stopped) {
        said.textContent = stopped.message;
        said.hidden = false;
        button.disabled = false;
      }
    }
    button.addEventListener("click", run);
    form.addEventListener("submit", run);
  }

  document.querySelectorAll("form[data-passkey]").forEach(prepare);
  return { supported: supported, ask: ask };
}());
