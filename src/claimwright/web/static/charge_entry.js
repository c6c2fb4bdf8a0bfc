"use strict";
/* Charge entry by keyboard: lists to choose from while typing, prices, new lines, the level of the visit.
   Without it every field is still there and the form says what is wrong. */
(function () {
  var form = document.getElementById("entry");
  if (!form) { return; }
  var WAIT = 110, LETTERS = "ABCDEFGHIJKL", MOST_LINES = 50;
  var patient = document.getElementById("patient"), patientText = document.getElementById("patient_text");

  function field(name) { return form.elements[name]; }
  function value(name) { var found = field(name); return found && found.value ? found.value : ""; }

  function ask(address, values, then) {
    return fetch(address + "?" + new URLSearchParams(values), { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok && !answer.redirected ? answer.json() : null; })
      .then(function (told) { if (told) { then(told); } })
      .catch(function () { /* the form works without */ });
  }

  /* A list under a field -------------------------------------------------------------------------------------- */
  var list = document.createElement("ul"), owner = null, rows = [], active = -1, timer = 0, asked = 0, coming = null;
  list.className = "choices"; list.id = "choices"; list.setAttribute("role", "listbox"); list.hidden = true;
  document.body.appendChild(list);

  function close() {
    list.hidden = true; rows = []; active = -1;
    if (owner) { owner.setAttribute("aria-expanded", "false"); owner.removeAttribute("aria-activedescendant"); }
  }

  function mark(at) {
    active = at;
    Array.prototype.forEach.call(list.children, function (item, index) {
      item.setAttribute("aria-selected", index === at ? "true" : "false");
      if (index === at) { item.scrollIntoView({ block: "nearest" }); owner.setAttribute("aria-activedescendant", item.id); }
    });
  }

  function show(input, found) {
    owner = input; rows = found; list.textContent = "";
    found.forEach(function (row, index) {
      var item = document.createElement("li"), code = document.createElement("strong"), words = document.createElement("span");
      item.id = "choice-" + index; item.setAttribute("role", "option");
      code.textContent = row.code; words.textContent = row.title + (row.born ? ", born " + row.born + ", " + row.insured : "");
      if (row.billable === false) { item.className = "quiet"; words.textContent += " (category)"; }
      item.appendChild(code); item.appendChild(words);
      item.addEventListener("mousedown", function (event) { event.preventDefault(); choose(index); });
      list.appendChild(item);
    });
    if (!found.length) { close(); return; }
    var box = input.getBoundingClientRect();
    list.style.setProperty("--left", box.left + window.scrollX + "px");
    list.style.setProperty("--top", box.bottom + window.scrollY + 2 + "px");
    list.hidden = false; input.setAttribute("aria-expanded", "true"); mark(found[0].billable === false ? -1 : 0);
  }

  function look(input) {
    var kind = input.dataset.search, text = input.value.trim(), mine = ++asked;
    window.clearTimeout(timer);
    if (text.length < (kind === "patient" ? 2 : 1)) { coming = null; close(); return; }
    coming = new Promise(function (done) {
      timer = window.setTimeout(function () {
        var address = kind === "patient" ? form.dataset.patients : form.dataset.codes;
        ask(address, { q: text, set: kind, on: value("date_from") }, function (told) {
          if (mine === asked && document.activeElement === input) { show(input, told.rows); }
        }).then(done);
      }, WAIT);
    });
  }

  function choose(index) {
    var row = rows[index], input = owner;
    close(); asked += 1; coming = null;
    if (!row || !input) { return; }
    if (patientText && input === patientText) {
      patient.value = row.id; input.value = row.title;
      document.getElementById("patient-facts").textContent = row.code + ", born " + row.born + "; " + row.insured;
    } else {
      input.value = row.code;
      title(input, row.title);
      if (input.dataset.search === "procedure") { took(input); }
    }
    settle(); next(input);
  }

  function title(input, words) {
    var place = input.parentElement.querySelector(".title");
    if (place) { place.textContent = words || ""; }
  }

  /* Fields in order -------------------------------------------------------------------------------------------- */
  function stops() {
    return Array.prototype.filter.call(form.querySelectorAll("input, select, textarea, button"), function (one) {
      return one.type !== "hidden" && one.tabIndex >= 0 && one.offsetParent !== null && !one.disabled;
    });
  }

  function next(input) {
    var all = stops(), at = all.indexOf(input);
    if (at >= 0 && all[at + 1]) { all[at + 1].focus(); if (all[at + 1].select) { all[at + 1].select(); } }
  }

  function bodies() { return Array.prototype.slice.call(form.querySelectorAll("tbody.line")); }
  function cell(body, name) { return form.elements["line" + body.dataset.line + "-" + name]; }
  function filled(body) {
    var revenue = cell(body, "revenue_code");  // of a UB-04: it may stand alone
    return cell(body, "code").value.trim() !== "" || Boolean(revenue && revenue.value.trim());
  }
  function lastFilled(items, test) { var last = -1; items.forEach(function (one, at) { if (test(one)) { last = at; } }); return last; }

  function addLine() {
    var all = bodies();
    if (all.length >= MOST_LINES) { return null; }
    var number = all.length + 1;
    var holder = document.createElement("table");
    holder.innerHTML = document.getElementById("blank-line").innerHTML
      .replace(/lineN/g, "line" + number).replace(/data-line="N"/g, 'data-line="' + number + '"')
      .replace(/Line N:/g, "Line " + number + ":").replace(/>N</g, ">" + number + "<");
    var body = holder.querySelector("tbody");
    all[all.length - 1].after(body);
    prepare(body);
    return body;
  }

  /* What is empty beyond the next one stays out of the way. */
  function settle() {
    var dx = Array.prototype.slice.call(form.querySelectorAll(".diagnosis"));
    var last = lastFilled(dx, function (one) { return one.querySelector("input").value.trim() !== ""; });
    dx.forEach(function (one, at) { one.hidden = at > last + 1; });
    var all = bodies(), end = lastFilled(all, filled);
    if (end === all.length - 1) { addLine(); all = bodies(); }
    all.forEach(function (one, at) { one.hidden = at > end + 1 && !one.classList.contains("wrong"); });
    total();
  }

  function total() {
    var cents = 0;
    bodies().forEach(function (body) {
      var amount = Number(cell(body, "charge").value.replace(/[$,]/g, ""));
      if (isFinite(amount)) { cents += Math.round(amount * 100); }
    });
    document.getElementById("total").textContent =
      (cents / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }

  /* Lines ------------------------------------------------------------------------------------------------------ */
  function pointers() {
    var marks = "";
    LETTERS.split("").forEach(function (letter, at) { if (value("dx" + (at + 1)).trim() && marks.length < 4) { marks += letter; } });
    return marks;
  }

  function took(input) {
    var body = input.closest("tbody.line");
    if (!body || !input.value.trim()) { return; }
    var points = cell(body, "pointers");
    if (!points.value.trim()) { points.value = pointers(); }
    price(body);
  }

  /* What was charged before is priced anew once its code, units or day change; what a person types stays. */
  function changed(body) {
    var charge = cell(body, "charge");
    if (charge.dataset.typed === "held" && form.dataset.reprice) { charge.dataset.typed = ""; }
    price(body);
  }

  function price(body) {
    var charge = cell(body, "charge"), code = cell(body, "code").value.trim();
    if (charge.dataset.typed || !/^[0-9A-Za-z]{5}$/.test(code)) { return; }
    ask(form.dataset.price, {
      code: code, modifiers: cell(body, "modifiers").value, units: cell(body, "units").value,
      on: cell(body, "date").value || value("date_from"), patient: patient ? patient.value : ""
    }, function (told) {
      if (charge.dataset.typed || cell(body, "code").value.trim() !== code) { return; }
      charge.value = told.charge;
      if (told.title) { title(cell(body, "code"), told.title); }
      total();
    });
  }

  function prepare(scope) {
    Array.prototype.forEach.call(scope.querySelectorAll("[data-search]"), function (input) {
      input.setAttribute("role", "combobox"); input.setAttribute("aria-controls", "choices");
      input.setAttribute("aria-autocomplete", "list"); input.setAttribute("aria-expanded", "false");
    });
    Array.prototype.forEach.call(scope.querySelectorAll("summary"), function (one) { one.tabIndex = 0; });
  }

  form.addEventListener("input", function (event) {
    var input = event.target;
    if (patientText && input === patientText) { patient.value = ""; document.getElementById("patient-facts").textContent = ""; }
    if (input.dataset.search) { title(input, ""); look(input); }
    if (/-charge$/.test(input.name || "")) { input.dataset.typed = input.value.trim() ? "yes" : ""; total(); }
  });

  form.addEventListener("change", function (event) {
    var input = event.target, name = input.name || "";
    if (name === "location") {
      var option = input.selectedOptions[0];
      if (option && option.dataset.place) { field("place").value = option.dataset.place; }
    }
    var body = input.closest("tbody.line");
    if (body && /-(code|modifiers|units|date)$/.test(name)) {
      if (/-code$/.test(name)) { input.value = input.value.toUpperCase(); took(input); }
      changed(body);
    }
    if (name === "date_from") { bodies().forEach(function (one) { if (filled(one)) { changed(one); } }); }
    settle();
  });

  form.addEventListener("focusout", function (event) {
    if (event.target === owner) { window.setTimeout(close, 120); }
    if (event.target.dataset && event.target.dataset.search) { settle(); }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      close();  // a form with one button is sent by the general key
      if (document.getElementById("lock")) { event.preventDefault(); form.requestSubmit(document.getElementById("lock")); }
    }
  });

  form.addEventListener("keydown", function (event) {
    var input = event.target, open = !list.hidden && owner === input;
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      mark((active + (event.key === "ArrowDown" ? 1 : rows.length - 1) + rows.length) % rows.length);
      return;
    }
    if (open && event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); return; }
    if (input.dataset && input.dataset.search && (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey))) {
      if (open && active >= 0 && !typedWhole(input)) { event.preventDefault(); choose(active); return; }
      if (input.value.trim() && coming && !typedWhole(input)) {  /* typed faster than the answer: wait for it */
        event.preventDefault();
        coming.then(function () {
          if (document.activeElement !== input) { return; }
          if (!list.hidden && active >= 0) { choose(active); } else { close(); settle(); next(input); }
        });
        return;
      }
    }
    if (event.key === "Enter" && /^(INPUT|SELECT)$/.test(input.tagName) && input.type !== "checkbox") {
      event.preventDefault(); close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
      settle(); next(input);
    }
  });

  /* Taken as it stands: a whole procedure code, which no list may know, or the patient already chosen. */
  function typedWhole(input) {
    var text = input.value.trim().toUpperCase();
    if (patientText && input === patientText) { return patient.value !== ""; }
    return input.dataset.search === "procedure" && /^[0-9A-Z][0-9]{3}[0-9A-Z]$/.test(text);
  }

  /* The level of the visit -------------------------------------------------------------------------------------- */
  var answer = document.getElementById("level-answer"), use = document.getElementById("use-level"), found = "";
  if (document.getElementById("work-out")) { document.getElementById("work-out").addEventListener("click", function (event) {
    event.preventDefault();
    var values = { date_from: value("date_from"), rendering: value("rendering"), patient: patient.value };
    Array.prototype.forEach.call(form.elements, function (one) {
      if (/^level_/.test(one.name) && (one.type !== "checkbox" || one.checked)) { values[one.name] = one.value; }
    });
    ask(form.dataset.level, values, function (told) {
      var head = document.createElement("p"), strong = document.createElement("strong"), says = document.createElement("ul");
      strong.textContent = (told.code || "No level") + (told.prolonged ? " and " + told.prolonged : "");
      head.appendChild(strong); says.className = "reasons";
      told.says.forEach(function (words) { var item = document.createElement("li"); item.textContent = words; says.appendChild(item); });
      answer.replaceChildren(head, says);
      found = told.code; use.hidden = !found; use.textContent = "Use " + found;
    });
  }); }
  if (use) { use.addEventListener("click", function () {
    var body = bodies().find(function (one) { return !filled(one); }) || addLine();
    if (!body || !found) { return; }
    var code = cell(body, "code");
    code.value = found; body.hidden = false; took(code); settle(); cell(body, "modifiers").focus();
  }); }

  if (document.getElementById("more-lines")) { document.getElementById("more-lines").hidden = true; }
  prepare(form);
  bodies().forEach(function (body) {
    if (cell(body, "charge").value) { cell(body, "charge").dataset.typed = "held"; } else { price(body); }
  });
  form.classList.add("scripted");
  settle();
}());
