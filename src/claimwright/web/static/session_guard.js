"use strict";
/* Ends a session in which nobody works, without losing what was typed: hides the page, ends the session on the server,
   and lets the same person sign in again in place. Nothing is stored in the browser; what was typed stays in the page. */
(function () {
  var dialog = document.getElementById("signed-out");
  if (!dialog) { return; }
  var form = dialog.querySelector("form"), said = form.querySelector(".errorlist");
  var withPasskey = dialog.querySelector("[data-with-passkey]"), warning = document.getElementById("session-warning");
  var idle = Number(dialog.dataset.idle) * 1000, title = document.title;
  var warnBefore = Math.min(60000, idle / 3), pingEvery = Math.min(60000, idle / 5);
  var now = Date.now(), endsAt = now + Number(dialog.dataset.left) * 1000;  // as the server said last
  var patience = 10000;  // for an answer: a server that hangs must not leave a hidden page without its dialog
  var pinged = now, locked = false, asking = false, focused = null;

  function token() { return form.elements.csrfmiddlewaretoken.value; }

  function renew(value) {
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach(function (input) { input.value = value; });
  }

  async function post(address, fields) {
    var body = new URLSearchParams(fields || {});
    body.set("csrfmiddlewaretoken", token());
    body.set("mark", dialog.dataset.mark);
    var reply = await fetch(address, {
      method: "POST", body: body, headers: { "Accept": "application/json" }, signal: AbortSignal.timeout(patience)
    });
    return reply.json();
  }

  /* A question of the page's own: its header says so, and it extends nothing. */
  async function ask() {
    var reply = await fetch(dialog.dataset.state + "?mark=" + encodeURIComponent(dialog.dataset.mark), {
      headers: { "X-Claimwright-Background": "1", "Accept": "application/json" }, cache: "no-store",
      signal: AbortSignal.timeout(patience)
    });
    return reply.json();
  }

  function hidden() { return document.documentElement.classList.contains("is-signed-out"); }

  function hide() {
    if (hidden()) { return; }
    focused = document.activeElement;  // what is hidden loses it
    title = document.title;
    document.title = "Signed out";
    document.documentElement.classList.add("is-signed-out");
  }

  function show() {
    if (!hidden()) { return; }
    document.documentElement.classList.remove("is-signed-out");
    document.title = title;
    if (focused && document.contains(focused)) { focused.focus(); }
  }

  function lock() {
    hide();
    warning.hidden = true;
    if (locked) { return; }
    locked = true;
    document.querySelectorAll("dialog[open]").forEach(function (open) { if (open !== dialog) { open.close(); } });
    dialog.showModal();
    form.elements.password.focus();
  }

  function unlock(state) {
    locked = false;
    endsAt = Date.now() + state.left * 1000;
    renew(state.csrf);
    form.reset();
    said.hidden = true;
    if (dialog.open) { dialog.close(); }
    show();
  }

  /* What the server says counts: other tabs of hers may have kept the session, another person may have taken over. */
  function heed(state) {
    if (state.go) { hide(); window.location.replace(state.go); return; }
    if (state.left > 0) {
      endsAt = Date.now() + state.left * 1000;
      if (locked) { unlock(state); } else { renew(state.csrf); show(); }
      return;
    }
    lock();
  }

  async function look() {
    if (asking) { return; }
    asking = true;
    try { heed(await ask()); } catch (unreachable) { if (Date.now() >= endsAt) { lock(); } }
    asking = false;
  }

  async function over() {
    asking = true;
    hide();
    try {
      var state = await ask();
      if (!(state.left > 1) && !state.go) { await post(dialog.dataset.end); state = { left: 0 }; }
      heed(state);
    } catch (unreachable) { lock(); }
    asking = false;
  }

  async function worked() {
    var moment = Date.now();
    if (locked || asking || moment - pinged < pingEvery || moment >= endsAt) { return; }
    pinged = moment;
    try {
      var state = await post(dialog.dataset.alive);
      if (!locked && !asking) { heed(state); }  // an answer that comes after the end is of before it: it opens nothing
    } catch (unreachable) { /* the next key asks again */ }
  }

  window.setInterval(function () {
    if (locked || asking) { return; }
    var left = endsAt - Date.now();
    if (left <= 0) { over(); return; }
    warning.hidden = left > warnBefore;
    if (!warning.hidden) {
      warning.textContent = "You will be signed out in less than " + (warnBefore < 60000 ? "a moment" : "a minute") +
        ". Press any key to stay. What you typed is kept.";
    }
  }, Math.min(1000, idle / 10));

  ["keydown", "pointerdown", "input"].forEach(function (name) { document.addEventListener(name, worked, true); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { look(); } });
  window.addEventListener("focus", look);
  window.addEventListener("pageshow", function (event) { if (event.persisted) { hide(); look(); } });

  async function again(fields) {
    said.hidden = true;
    try {
      var state = await post(dialog.dataset.again, fields);
      if (state.words) { throw new Error(state.words); }
      heed(state);
    } catch (refused) {
      said.textContent = refused.message || "The server cannot be reached. Try again.";
      said.hidden = false;
      form.elements.password.select();
    }
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var code = form.elements.code;
    again({ password: form.elements.password.value, code: code ? code.value : "" });
  });
  if (withPasskey && window.claimwrightPasskeys.supported) {
    withPasskey.hidden = false;
    withPasskey.addEventListener("click", async function () {
      try {
        var credential = await window.claimwrightPasskeys.ask(
          dialog.dataset.options, token(), { what: "again", mark: dialog.dataset.mark }
        );
        again({ credential: credential, password: form.elements.password.value });
      } catch (stopped) {
        said.textContent = stopped.message;
        said.hidden = false;
      }
    });
  }
  dialog.addEventListener("cancel", function (event) { event.preventDefault(); });
  dialog.addEventListener("close", function () { if (locked) { dialog.showModal(); } });  // Escape twice closes a dialog
}());
