"use strict";
/* The claim's page: raw segments under their row, the sending followed to its end, the next claim of the list one came
   from. Without it the raw is a link away, the page shows how far the sending is, and the list is in the menu. */
(function () {
  var POLLS = 90, POLL_MS = 1000;

  function piece(address) {
    return fetch(address)
      .then(function (answer) { return answer.ok && !answer.redirected ? answer.text() : ""; });
  }

  /* Pieces are our own pages' markup, escaped where it was made. */
  Array.prototype.forEach.call(document.querySelectorAll("details[data-src]"), function (panel) {
    panel.addEventListener("toggle", function () {
      var place = panel.querySelector("[data-into]");
      if (!panel.open || panel.dataset.filled) { return; }
      panel.dataset.filled = "yes";
      piece(panel.dataset.src).then(function (text) {
        if (text) { place.innerHTML = text; } else { panel.dataset.filled = ""; place.textContent = "It could not be fetched."; }
      });
    });
  });

  var sending = document.getElementById("sending");
  function follow(left) {
    var shown = sending.querySelector("[data-ends]");
    if (!sending.dataset.poll || !shown) { return; }
    if (shown.dataset.ends === "sent") { window.location.replace(window.location.href.split("#")[0]); return; }
    if (shown.dataset.ends || left < 1) { return; }
    window.setTimeout(function () {
      piece(sending.dataset.poll).then(function (text) { if (text) { sending.innerHTML = text; } follow(left - 1); });
    }, POLL_MS);
  }
  if (sending && !sending.querySelector("[data-ends=sent]")) { follow(POLLS); }

  var first = document.querySelector("[autofocus]");
  if (first && first.select && first.value) { first.select(); }

  /* The list that led here: its rows' addresses, kept by trail.js in this window alone. */
  var trail = document.querySelector("[data-trail]");
  if (trail) {
    var kept = null, path = window.location.pathname;
    try { kept = JSON.parse(window.sessionStorage.getItem("trail " + trail.dataset.trail)); } catch (error) { kept = null; }
    var at = kept ? kept.rows.findIndex(function (one) { return one.split("?")[0] === path; }) : -1;
    if (at >= 0) {
      trail.hidden = false;
      trail.querySelector("[data-place]").textContent = at + 1 + " of " + kept.rows.length;
      trail.querySelector("[data-list]").href = kept.list;
      [["[data-before]", at - 1], ["[data-after]", at + 1]].forEach(function (pair) {
        var link = trail.querySelector(pair[0]);
        if (kept.rows[pair[1]]) { link.href = kept.rows[pair[1]]; } else { link.remove(); }
      });
    }
  }
}());
