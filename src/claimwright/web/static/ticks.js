"use strict";
/* Rows that are ticked: a box in the head ticks all rows of its table (key X), the panel of acts counts them, and asks for
   what the chosen act needs. Pages name nothing for it: a column of tick boxes of one name has its box in the head.
   Without this script rows are ticked one by one, and the server says what lacks. */
(function () {
  function list(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }

  /* The boxes of one table that stand alone in their cells, under one head, by one name. */
  function boxesOf(table) {
    var found = list(":scope > tbody > tr > td > input[type=checkbox][name]:only-child", table);
    return found.filter(function (one) {
      return one.name === found[0].name && one.parentElement.cellIndex === found[0].parentElement.cellIndex;
    });
  }

  function count(form) {
    if (!form) { return; }
    var boxes = list("table").reduce(function (all, table) { return all.concat(boxesOf(table)); }, []);
    var ticked = boxes.filter(function (one) { return one.form === form && one.checked; }).length;
    list("[data-ticked]", form).forEach(function (place) { place.textContent = ticked ? " (" + ticked + ")" : ""; });
  }

  function headed(table, at) {
    var boxes = boxesOf(table).filter(function (one) { return !one.disabled; });
    var head = table.tHead && table.tHead.rows.length === 1 ? table.tHead.rows[0].cells[boxes.length ? boxes[0].parentElement.cellIndex : 0] : null;
    if (boxes.length < 2 || !head) { return; }
    var all = document.createElement("input");
    all.type = "checkbox";
    all.autocomplete = "off";
    all.setAttribute("aria-label", "Tick all rows of the table");
    if (!at) { all.dataset.key = "X"; all.dataset.label = "Tick all rows"; }
    head.append(" ", all);
    function look() {
      var ticked = boxes.filter(function (one) { return one.checked; }).length;
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && !all.checked;
      count(boxes[0].form);
    }
    all.addEventListener("change", function () {
      var wanted = all.checked;  // each row's change looks at all of them again
      boxes.forEach(function (one) {
        if (one.checked === wanted) { return; }
        one.checked = wanted;
        one.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
    table.addEventListener("change", function (event) { if (event.target !== all) { look(); } });
    document.addEventListener("filled", look);  // kept_form.js
    window.addEventListener("pageshow", look);  // a browser that goes back puts the ticks there itself
    look();
    return all;
  }

  var heads = [];
  list("table").forEach(function (table) { var made = headed(table, heads.length); if (made) { heads.push(made); } });
  if (window.claimwright) { window.claimwright.showKeys(); }

  /* What the act that is chosen asks for: data-asks and data-must of its option, fields inside data-ask. */
  function asks(choice) {
    var option = choice.selectedOptions[0], form = choice.form;
    function named(text) { return (text || "").split(" "); }
    list("[data-ask]", form).forEach(function (place) {
      var wanted = named(option && option.dataset.asks).indexOf(place.dataset.ask) >= 0;
      place.hidden = !wanted;
      list("input, select, textarea", place).forEach(function (field) {
        field.disabled = !wanted;
        field.required = wanted && named(option.dataset.must).indexOf(place.dataset.ask) >= 0;
      });
    });
  }

  list("select[data-asking]").forEach(function (choice) {
    choice.addEventListener("change", function () { asks(choice); });
    document.addEventListener("filled", function () { asks(choice); });
    window.addEventListener("pageshow", function () { asks(choice); });
    asks(choice);
  });
}());
