"use strict";
/* The command palette, Ctrl+K or a full stop: pages, the acts of this page and whatever the search finds, in one list.
   What is typed is asked in the background: that does not count as work, so an idle session still ends. */
(function () {
  var WAIT_MS = 140, MOST = 14;
  var keys = window.claimwright, made = null, input = null, options = null, rows = [], found = [], active = 0, timer = 0, asked = 0;

  function list(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function words(one) { return keys.labelOf(one); }

  /* Everything that can be chosen without asking the server. */
  function known() {
    var all = [];
    keys.keyed().forEach(function (one) {
      if (!one.closest("nav.side")) {
        all.push({ kind: "Here", words: words(one), key: one.dataset.key, act: function () { keys.press(one); } });
      }
    });
    list("nav.side a").forEach(function (one) {
      all.push({ kind: "Page", words: words(one), key: one.dataset.key || "", address: one.href });
    });
    all.push({ kind: "Workbench", words: "Keys of this page", key: "?", act: keys.help });
    list("[data-about]").forEach(function (one) {
      all.push({ kind: "Workbench", words: "About this page", key: "", address: one.dataset.about });
    });
    all.push({ kind: "Workbench", words: "Print this page", key: "Ctrl+P", act: function () { window.print(); } });
    list("[data-theme]").forEach(function (one) {
      all.push({ kind: "Workbench", words: one.dataset.label || words(one), key: "", act: function () { one.click(); } });
    });
    list("[data-sign-out]").forEach(function (one) {
      all.push({ kind: "Workbench", words: "Sign out", key: "", act: function () { one.click(); } });
    });
    return all;
  }

  /* Letters in order; better where they begin words and stand together. 0 is no match. */
  function score(text, asked) {
    var low = text.toLowerCase(), at = 0, total = 1, run = 0;
    if (!asked) { return 1; }
    if (low.indexOf(asked) === 0) { return 1000 - low.length; }
    if (low.indexOf(" " + asked) >= 0) { return 800 - low.length; }
    for (var index = 0; index < asked.length; index += 1) {
      if (asked[index] === " ") { run = 0; continue; }
      var next = low.indexOf(asked[index], at);
      if (next < 0) { return 0; }
      run = next === at ? run + 1 : 1;
      total += run * 2 + (next === 0 || low[next - 1] === " " ? 6 : 0);
      at = next + 1;
    }
    return total;
  }

  function draw() {
    var text = input.value.trim(), asks = text.toLowerCase();
    var matching = known().map(function (one) { return { one: one, score: score(one.words, asks) }; })
      .filter(function (pair) { return pair.score > 0; });
    if (asks) { matching.sort(function (a, b) { return b.score - a.score; }); }
    rows = matching.map(function (pair) { return pair.one; }).slice(0, found.length ? MOST - Math.min(found.length, 8) : MOST);
    rows = rows.concat(found.slice(0, 8));
    if (text) {
      rows.push({ kind: "Search", words: "Search for \u201c" + text + "\u201d", key: "",
        address: searchAddress() + "?" + new URLSearchParams({ q: text }) });
    }
    options.textContent = "";
    rows.forEach(function (row, index) {
      var item = document.createElement("li"), kind = document.createElement("span"), says = document.createElement("span");
      item.id = "palette-" + index;
      item.setAttribute("role", "option");
      kind.className = "kind"; kind.textContent = row.kind;
      says.className = "says"; says.textContent = row.words;
      item.append(kind, says);
      if (row.more) { var more = document.createElement("span"); more.className = "quiet"; more.textContent = row.more; says.append(" ", more); }
      if (row.key) { var mark = document.createElement("kbd"); mark.textContent = row.key; item.append(mark); }
      item.addEventListener("mousedown", function (event) { event.preventDefault(); choose(index); });
      options.append(item);
    });
    mark(0);
  }

  function mark(at) {
    active = rows.length ? (at + rows.length) % rows.length : -1;
    Array.prototype.forEach.call(options.children, function (item, index) {
      item.setAttribute("aria-selected", index === active ? "true" : "false");
      if (index === active) { item.scrollIntoView({ block: "nearest" }); input.setAttribute("aria-activedescendant", item.id); }
    });
  }

  function choose(index) {
    var row = rows[index];
    if (!row) { return; }
    made.close();
    if (row.address) { window.location.assign(row.address); } else { row.act(); }
  }

  function searchAddress() { return document.querySelector("form.search").action; }

  function ask() {
    var text = input.value.trim(), mine = ++asked;
    window.clearTimeout(timer);
    found = [];
    if (text.length < 2) { return; }
    timer = window.setTimeout(function () {
      fetch(searchAddress() + "?" + new URLSearchParams({ q: text }), {
        headers: { Accept: "application/json", "X-Claimwright-Background": "1" }, redirect: "manual"
      }).then(function (answer) {
        return answer.ok && /json/.test(answer.headers.get("content-type") || "") ? answer.json() : null;
      }).then(function (told) {
        if (!told || mine !== asked || !made.open) { return; }
        found = told.rows.map(function (row) {
          return { kind: row.kind, words: row.words, more: row.more || "", key: "", address: row.address };
        });
        draw();
      }).catch(function () { /* pages and acts are there without */ });
    }, WAIT_MS);
  }

  function open() {
    if (document.querySelector("dialog[open]")) { return; }
    made = keys.dialog("palette", "Go to or do");
    input = document.createElement("input");
    input.type = "text"; input.autocomplete = "off"; input.spellcheck = false;
    input.placeholder = "A page, an act, a name, a claim, a check, an amount";
    input.setAttribute("role", "combobox"); input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", "palette-options"); input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-labelledby", "palette-title");
    options = document.createElement("ul");
    options.id = "palette-options"; options.className = "palette-options";
    options.setAttribute("role", "listbox"); options.setAttribute("aria-labelledby", "palette-title");
    made.append(input, options);
    input.addEventListener("input", function () { ask(); draw(); });
    input.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown") { event.preventDefault(); mark(active + 1); }
      if (event.key === "ArrowUp") { event.preventDefault(); mark(active - 1); }
      if (event.key === "Enter") { event.preventDefault(); choose(active); }
    });
    found = [];
    made.showModal();
    input.focus();
    draw();
  }

  window.addEventListener("keydown", function (event) {
    var command = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    var stop = event.key === "." && !event.ctrlKey && !event.metaKey && !event.altKey && !keys.typing(event.target);
    if (event.defaultPrevented || !(command || stop)) { return; }
    event.preventDefault();
    open();
  });
  list("[data-palette]").forEach(function (one) { one.hidden = false; one.addEventListener("click", open); });
}());
