"use strict";
/* A form whose act refused is filled again with what was typed, told why, and has the focus. The page holds the cells once,
   in #kept-form (workbench/kept_forms.py); nothing is kept in the browser, and no password or file comes back. */
(function () {
  var place = document.getElementById("kept-form");
  if (!place) { return; }
  var kept = JSON.parse(place.dataset.form), cells = kept.cells;
  place.remove();
  var ANEW = ["csrfmiddlewaretoken", "form_key", "key", "attempt", "next", "query", "matching"];  // of each showing of a form

  function fields(form) { return Array.prototype.slice.call(form.elements).filter(function (one) { return one.name; }); }
  function isHidden(one) { return one.type === "hidden"; }
  function isButton(one) { return /^(submit|button|reset|image)$/.test(one.type) || one.tagName === "BUTTON"; }
  function fillable(one) { return !isHidden(one) && !isButton(one) && !/^(password|file|fieldset|output)$/.test(one.type); }

  /* Which of several forms of one address it was: its hidden fields are those that were sent, and it has the most of the
     names. A form of another row never takes what was typed into a row that is gone. */
  function fit(form) {
    var all = fields(form), action = new URL(form.action, window.location.href);
    if (form.method !== "post" || action.pathname + action.search !== kept.action) { return 0; }
    var fixed = all.filter(function (one) { return isHidden(one) && ANEW.indexOf(one.name) < 0; });
    if (!fixed.every(function (one) { return (cells[one.name] || []).indexOf(one.value) >= 0; })) { return 0; }
    var names = all.map(function (one) { return one.name; });
    return 1 + Object.keys(cells).filter(function (name) { return names.indexOf(name) >= 0; }).length;
  }

  var forms = Array.prototype.slice.call(document.forms).map(function (form) { return { form: form, fit: fit(form) }; })
    .filter(function (one) { return one.fit; }).sort(function (a, b) { return b.fit - a.fit; });
  if (!forms.length) { return; }
  var form = forms[0].form, at = {}, filled = fields(form).filter(fillable);
  if (!filled.length) { return; }

  filled.forEach(function (one) {
    var values = cells[one.name];
    if (one.type === "checkbox" || one.type === "radio") { one.checked = Boolean(values) && values.indexOf(one.value) >= 0; return; }
    if (!values) { return; }
    if (one.multiple) {
      Array.prototype.forEach.call(one.options, function (choice) { choice.selected = values.indexOf(choice.value) >= 0; });
      return;
    }
    var value = values[at[one.name] || 0];  // cells of one name in several rows come in their order
    at[one.name] = (at[one.name] || 0) + 1;
    if (value === undefined) { return; }
    if (one.tagName !== "SELECT" || Array.prototype.some.call(one.options, function (choice) { return choice.value === value; })) {
      one.value = value;
    }
  });

  var why = document.createElement("p");
  why.className = "form-refused";
  why.id = "kept-form-why";
  why.textContent = kept.why + " What you typed is here again.";
  form.prepend(why);
  filled.concat(form).forEach(function (one) {
    for (var panel = one.closest("details"); panel; panel = panel.parentElement.closest("details")) {
      if (one === form || form.contains(one)) { panel.open = true; }
    }
  });
  form.dispatchEvent(new CustomEvent("filled", { bubbles: true }));
  var seen = filled.filter(function (one) { return one.getClientRects().length && !one.disabled; });
  var first = seen.find(function (one) { return !one.validity.valid; }) ||
    seen.find(function (one) { return /^(text|search|textarea|number|email|tel)$/.test(one.type) && form.contains(one); }) || seen[0];
  if (first) {
    first.setAttribute("aria-describedby", [first.getAttribute("aria-describedby"), why.id].filter(Boolean).join(" "));
    first.focus();
  }
}());
