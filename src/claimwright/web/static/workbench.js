"use strict";
/* Keys for people who do not want the mouse. Pages name their own: data-key="x" or data-key="g c" on a button, a link,
   a summary or a field. Everywhere: / search, ? help, j and k rows, Enter opens, x ticks, Esc leaves, Ctrl+Enter sends.
   Without this script every page works by Tab, Enter and the mouse. */
(function () {
  var SEQUENCE_MS = 1500;
  var begun = "", timer = 0;

  function list(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function shown(one) { return one.getClientRects().length > 0 && !one.disabled; }
  function dialogOpen() { return document.querySelector("dialog[open]"); }

  /* Letters belong to the field that has the focus; a tick box or a button takes none. */
  function typing(target) {
    if (!target || !target.tagName) { return false; }
    if (target.tagName === "INPUT") { return !/^(checkbox|radio|button|submit|reset|file|image|range|color)$/.test(target.type); }
    return target.isContentEditable || /^(SELECT|TEXTAREA)$/.test(target.tagName);
  }

  /* What a key does on this page ------------------------------------------------------------------------------- */

  function labelOf(one) {
    if (one.dataset.label) { return one.dataset.label; }
    if (one.getAttribute("aria-label")) { return one.getAttribute("aria-label"); }
    var source = one.labels && one.labels.length ? one.labels[0] : one;
    var copy = source.cloneNode(true);
    list("kbd, input, select, textarea, .key-hidden", copy).forEach(function (part) { part.remove(); });
    return copy.textContent.replace(/\s+/g, " ").trim() || one.title || one.name || one.dataset.key;
  }

  function keyed() { return list("[data-key]").filter(function (one) { return shown(one) || one.closest("nav.side"); }); }

  /* The row that is chosen comes first: the same key may stand on every row of a list. */
  function target(key) {
    var all = keyed().filter(function (one) { return one.dataset.key === key; });
    return all.find(function (one) { return one.closest("tr.here"); }) || all[0];
  }

  function begins(key) { return keyed().some(function (one) { return one.dataset.key.indexOf(key + " ") === 0; }); }

  function press(one) {
    if (one.matches("input:not([type=checkbox]):not([type=radio]):not([type=submit]):not([type=button]), select, textarea")) {
      one.focus();
      if (one.select) { one.select(); }
      return;
    }
    one.focus();
    one.click();
    if (one.tagName === "SUMMARY" && one.parentElement.open) {
      var first = one.parentElement.querySelector("input:not([type=hidden]), select, textarea, button, a[href]");
      if (first) { first.focus(); }
    }
  }

  function showKeys(within) {
    list("[data-key]", within).forEach(function (one) {
      var key = one.dataset.key;
      one.setAttribute("aria-keyshortcuts", key);
      var place = one.matches("input, select, textarea") ? one.labels && one.labels[0] : one;
      if (!place) { return; }
      var inRow = Boolean(one.closest("table[data-rows] > tbody > tr"));
      var mark = place.querySelector("kbd");
      if (!mark) {
        mark = document.createElement("kbd");
        mark.textContent = key;
        place.append(" ", mark);
      }
      mark.setAttribute("aria-hidden", "true");
      if (inRow) { mark.classList.add("row-key"); }
    });
  }

  /* Rows ------------------------------------------------------------------------------------------------------- */

  function rows() { return list("table[data-rows] > tbody > tr").filter(shown); }

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

  function tick() {
    var box = document.querySelector("tr.here input[type=checkbox]");
    if (box && shown(box)) { box.click(); }
    return Boolean(box);
  }

  /* Forms and panels ------------------------------------------------------------------------------------------- */

  function send(from) {
    var form = from.form || from.closest("form");
    if (!form || form.method === "dialog") { return false; }
    var buttons = Array.prototype.filter.call(form.elements, function (one) { return one.type === "submit" && shown(one); });
    var row = from.closest(".row-form");  // of several acts on what is ticked, the one that is being filled in
    var own = row && buttons.find(function (one) { return row.contains(one); });
    var main = buttons.find(function (one) { return one.classList.contains("main"); }) || buttons[0];
    form.requestSubmit(own || main);
    return true;
  }

  function leave(event) {
    if (typing(event.target)) { event.target.blur(); return; }
    var panel = event.target.closest && event.target.closest("details[open]");
    if (!panel) {
      var open = list("details[open][data-panel]").filter(shown);
      panel = open[open.length - 1];
    }
    if (panel) { panel.open = false; panel.querySelector("summary").focus(); return; }
    list("tr.here").forEach(function (row) { row.classList.remove("here"); });
  }

  /* Help ------------------------------------------------------------------------------------------------------- */

  var EVERYWHERE = [
    ["/", "Search: name, claim, check, amount"], ["Ctrl+K", "Go to any page, act or record; . does the same"],
    ["j", "Next row"], ["k", "Previous row"], ["Enter", "Open the row"], ["x", "Tick the row, where it has a box"],
    ["X", "Tick all rows, where they have boxes"],
    ["Ctrl+Enter", "Send the form that is being filled in"], ["Esc", "Leave the field, close the panel"],
    ["t", "Today, in a field for a day; t+30 and t-7 count from today"], ["?", "This list"]
  ];

  function dialog(id, title) {
    var made = document.getElementById(id);
    if (made) { made.remove(); }
    made = document.createElement("dialog");
    made.id = id;
    made.setAttribute("aria-labelledby", id + "-title");
    var head = document.createElement("h2");
    head.id = id + "-title";
    head.textContent = title;
    made.append(head);
    made.addEventListener("click", function (event) { if (event.target === made) { made.close(); } });
    document.body.append(made);
    return made;
  }

  function table(title, pairs) {
    var group = document.createElement("section"), head = document.createElement("h3"), words = document.createElement("dl");
    head.textContent = title;
    pairs.forEach(function (pair) {
      var row = document.createElement("div"), key = document.createElement("dt"), says = document.createElement("dd");
      pair[0].split(" ").forEach(function (part) {
        var mark = document.createElement("kbd");
        mark.textContent = part;
        key.append(mark, " ");
      });
      says.textContent = pair[1];
      row.append(key, says);
      words.append(row);
    });
    group.append(head, words);
    return group;
  }

  function help() {
    var seen = {}, here = [], pages = [];
    keyed().forEach(function (one) {
      if (seen[one.dataset.key]) { return; }
      seen[one.dataset.key] = true;
      (one.closest("nav.side") ? pages : here).push([one.dataset.key, labelOf(one)]);
    });
    var made = dialog("keys-help", "Keys"), body = document.createElement("div");
    body.className = "key-tables";
    if (here.length) { body.append(table("On this page", here)); }
    body.append(table("Everywhere", EVERYWHERE.filter(function (pair) { return !seen[pair[0]]; })));
    if (pages.length) { body.append(table("Pages", pages)); }
    var close = document.createElement("button"), about = document.querySelector("[data-about]"), acts = document.createElement("p");
    if (about) {
      var link = document.createElement("a");
      link.href = about.dataset.about;
      link.className = "button";
      link.textContent = "About this page";
      acts.append(link, " ");
    }
    close.textContent = "Close";
    close.addEventListener("click", function () { made.close(); });
    acts.append(close);
    made.append(body, acts);
    made.showModal();
    close.focus();
  }

  /* Light and dark: the server draws the next page by this cookie, so none flashes ------------------------------ */

  function dark() {
    var chosen = document.documentElement.dataset.bsTheme;
    return chosen ? chosen === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function nameThemes() {
    list("[data-theme]").forEach(function (one) {
      one.textContent = dark() ? "Light" : "Dark";
      one.dataset.label = dark() ? "Light colours" : "Dark colours";
      one.title = one.dataset.label;
    });
  }

  function changeTheme() {
    var next = dark() ? "light" : "dark";
    document.documentElement.dataset.bsTheme = next;
    document.cookie = "claimwright_theme=" + next + "; path=/; max-age=31536000; samesite=lax" +
      (window.location.protocol === "https:" ? "; secure" : "");
    nameThemes();
  }

  /* A part that is moved sideways can be moved by the arrow keys too */
  function reachScrolled() {
    list("main .scroll, main section").forEach(function (one) {
      if (one.scrollWidth <= one.clientWidth + 1 || one.tabIndex === 0) { return; }
      var head = one.querySelector("caption, h2") || document.querySelector("h1");
      one.tabIndex = 0;
      one.setAttribute("role", "region");
      one.setAttribute("aria-label", (head ? labelOf(head) : "Table") + ", moves sideways");
    });
  }

  /* ------------------------------------------------------------------------------------------------------------ */

  function stop(event, act) { event.preventDefault(); act(); }

  /* On the window, after every listener of a page: what a page has handled itself is not handled again. */
  window.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing || dialogOpen()) { return; }
    var key = event.key, waited = begun;
    if ((event.ctrlKey || event.metaKey) && key === "Enter") { if (send(event.target)) { event.preventDefault(); } return; }
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (key === "Escape") { leave(event); return; }
    if (key.length > 1 && key !== "Enter") { return; }
    /* Beside a form of several acts, Enter would press the first of them, whichever is being filled in. */
    if (key === "Enter" && event.target.tagName === "INPUT" && event.target.hasAttribute("form") && typing(event.target)) {
      if (send(event.target)) { event.preventDefault(); }
      return;
    }
    if (typing(event.target)) { return; }
    begun = "";
    window.clearTimeout(timer);
    if (waited) {
      var second = target(waited + " " + key);
      if (second) { stop(event, function () { press(second); }); }
      return;
    }
    var first = target(key);
    if (first) { stop(event, function () { press(first); }); return; }
    if (begins(key)) {
      begun = key;
      timer = window.setTimeout(function () { begun = ""; }, SEQUENCE_MS);
      return;
    }
    if (key === "/") {
      var search = document.getElementById("search");
      if (search) { stop(event, function () { search.focus(); search.select(); }); }
    }
    if (key === "?") { stop(event, help); }
    if (key === "j") { move(1); }
    if (key === "k") { move(-1); }
    if (key === "x") { tick(); }
    if (key === "Enter") {
      var here = document.querySelector("tr.here a[data-open]") || document.querySelector("tr.here a");
      if (here && !/^(A|BUTTON|SUMMARY|INPUT)$/.test(event.target.tagName)) { here.click(); }
    }
  });

  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.method === "get" && form.classList.contains("filter") && event.target.tagName === "SELECT") { form.requestSubmit(); }
  });

  /* A list of claims or denials is remembered in this window, for "next" and "previous" on what it leads to. */
  ["/claims/", "/denials/"].forEach(function (kind) {
    var found = list("table[data-rows] > tbody > tr").map(function (row) {
      return list("a[href^='" + kind + "']", row).map(function (one) { return one.getAttribute("href"); })
        .find(function (href) { return /^\/[a-z]+\/[0-9a-f-]{36}\/(\?|$)/.test(href); });
    }).filter(Boolean);
    if (found.length > 1) {
      var listed = new URL(window.location.href);
      listed.searchParams.delete("q");  // it may be a patient's name: nothing of a patient stays in a browser's store
      window.sessionStorage.setItem("trail " + kind, JSON.stringify({ list: listed.href, rows: found }));
    }
  });

  /* The side bar is longer than some windows: the page one is on is in sight */
  function showHere() {
    var bar = document.querySelector("nav.side"), here = bar && bar.querySelector("[aria-current]");
    if (here && here.offsetTop + here.offsetHeight > bar.clientHeight) { bar.scrollTop = here.offsetTop - bar.clientHeight / 2; }
  }

  showKeys();
  nameThemes();
  showHere();
  reachScrolled();
  list("[data-theme]").forEach(function (one) { one.hidden = false; one.addEventListener("click", changeTheme); });
  window.addEventListener("resize", reachScrolled);
  list("[data-help]").forEach(function (one) { one.hidden = false; one.addEventListener("click", help); });
  window.claimwright = { keyed: keyed, labelOf: labelOf, press: press, help: help, dialog: dialog, typing: typing, showKeys: showKeys };
}());
