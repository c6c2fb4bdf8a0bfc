"use strict";
/* Keys for people who do not want the mouse: / search, j and k rows, Enter opens, g then a letter goes to a page. */
(function () {
  var waiting = false;

  function typing(target) {
    return target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
  }

  function rows() {
    return Array.prototype.slice.call(document.querySelectorAll("table[data-rows] > tbody > tr"));
  }

  function move(step) {
    var all = rows();
    if (!all.length) { return; }
    var at = all.findIndex(function (row) { return row.classList.contains("here"); });
    var next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    if (at >= 0) { all[at].classList.remove("here"); }
    all[next].classList.add("here");
    all[next].scrollIntoView({ block: "nearest" });
    var link = all[next].querySelector("a");
    if (link) { link.focus({ preventScroll: true }); }
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target)) { return; }
    if (waiting) {
      waiting = false;
      var link = /^[a-z]$/.test(event.key) && document.querySelector('nav a[data-page="' + event.key + '"]');
      if (link) { event.preventDefault(); window.location.assign(link.href); }
      return;
    }
    if (event.key === "g") { waiting = true; window.setTimeout(function () { waiting = false; }, 1200); }
    if (event.key === "/") {
      var search = document.getElementById("search");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    var keyed = /^[a-z]$/.test(event.key) && document.querySelector('[data-key="' + event.key + '"]');
    if (keyed) { event.preventDefault(); keyed.focus(); keyed.click(); return; }
    if (event.key === "j") { move(1); }
    if (event.key === "k") { move(-1); }
    if (event.key === "Enter") {
      var here = document.querySelector("tr.here a");
      if (here && event.target.tagName !== "A" && event.target.tagName !== "BUTTON") { here.click(); }
    }
  });

  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.classList.contains("filter") && event.target.tagName === "SELECT") { form.requestSubmit(); }
  });
}());
