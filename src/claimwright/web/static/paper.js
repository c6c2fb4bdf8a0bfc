"use strict";
/* A paper remittance by keyboard: Enter goes on, arrows stay in the column, the running total, saved while typing.
   Without it every field is still there and the buttons save. */
(function () {
  var form = document.getElementById("paper");
  if (!form || !form.querySelector("#post")) { return; }
  var WAIT = 1500, timer = 0, saved = document.getElementById("saved");

  function cents(text) {
    var found = /^-?\d*(\.\d{0,2})?$/.exec((text || "").replace(/[$,\s]/g, ""));
    return found && found[0] && found[0] !== "-" && found[0] !== "." ? Math.round(parseFloat(found[0]) * 100) : 0;
  }
  function dollars(value) {
    return (value < 0 ? "-" : "") + "$" + (Math.abs(value) / 100).toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  }
  function each(selector, act) { Array.prototype.forEach.call(form.querySelectorAll(selector), act); }

  function sum() {
    var paid = 0, taken = 0;
    each("tr[data-charge]", function (row) {
      var left = cents(row.dataset.charge), takesRest = false, cell = row.querySelector("[data-left]");
      Array.prototype.forEach.call(row.querySelectorAll("[data-cell]"), function (input) {
        if (input.dataset.cell === "paid") { paid += cents(input.value); }
        if (input.dataset.cell !== "allowed") { left -= cents(input.value); }
      });
      row.querySelector("input[name$=adjustments]").value.split(/[;\n]|,\s+/).forEach(function (part) {
        var found = /^\s*[A-Za-z]{2}[ -]?[A-Za-z]?\d{1,3}(?:[ =]+(-?[\d,]*\.?\d+))?\s*$/.exec(part);
        if (found && found[1] === undefined) { takesRest = true; }
        if (found && found[1] !== undefined) { left -= cents(found[1]); }
      });
      cell.textContent = takesRest || left === 0 ? "0.00" : (left / 100).toFixed(2);
      cell.classList.toggle("negative", !takesRest && left !== 0);
    });
    each("[data-adjustment]", function (input) { taken += cents(input.value); });
    var proof = document.getElementById("proof"), left = cents(proof.dataset.check) - paid + taken;
    document.getElementById("claims-total").textContent = dollars(paid);
    document.getElementById("adjustments-total").textContent = dollars(taken);
    document.getElementById("left").textContent = dollars(left);
    proof.classList.toggle("bad", left !== 0);
  }

  function save() {
    var data = new FormData(form);
    data.set("do", "save");
    fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } })
      .then(function (answer) { saved.textContent = answer.ok && !answer.redirected ? "· saved" : "· not saved"; })
      .catch(function () { saved.textContent = "· not saved"; });
  }

  function stops() {
    return Array.prototype.filter.call(form.querySelectorAll("input, button"), function (one) {
      return one.type !== "hidden" && one.tabIndex >= 0 && !one.disabled && one.offsetParent !== null;
    });
  }
  function inputs() { return stops().filter(function (one) { return one.tagName === "INPUT"; }); }
  function go(to) { if (to) { to.focus(); if (to.select) { to.select(); } } }

  form.addEventListener("input", function () {
    sum();
    saved.textContent = "";
    window.clearTimeout(timer);
    timer = window.setTimeout(save, WAIT);
  });
  form.addEventListener("submit", function () { window.clearTimeout(timer); });
  form.addEventListener("keydown", function (event) {
    var at = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      document.getElementById("post").click();
    } else if (at.tagName === "INPUT" && event.key === "Enter") {
      event.preventDefault();
      if (at.dataset.add !== undefined) { form.querySelector("button[value=add]").click(); return; }
      var all = inputs();
      go(all[all.indexOf(at) + 1] || document.getElementById("post"));
    } else if (at.tagName === "INPUT" && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      var name = /^c\d+-l\d+-(\w+)$/.exec(at.name);
      if (!name) { return; }
      var column = inputs().filter(function (one) { return new RegExp("^c\\d+-l\\d+-" + name[1] + "$").test(one.name); });
      event.preventDefault();
      go(column[column.indexOf(at) + (event.key === "ArrowDown" ? 1 : -1)]);
    }
  });
  sum();
  if (window.location.hash) { go(document.getElementById(window.location.hash.slice(1))); }
})();
